import LoopModel
import LoopStore
import Testing

@Suite("Alerts") struct AlertTests {
    private let temporary: TemporaryStore

    init() throws {
        temporary = try TemporaryStore()
        try temporary.store.commit([
            .environmentStarted(Samples.environment()), .invocationEnded(Samples.invocation("i1")),
            .invocationEnded(Samples.invocation("i2", ordinal: 1)),
        ])
    }

    private func alerts(_ states: Set<Alert.State> = Set(Alert.State.allCases)) async throws -> [Alert] {
        try await temporary.store.alerts(matching: HistoryFilter(), states: states)
    }

    @Test("count the findings of one fault, once for each invocation")
    func counting() async throws {
        let first = try temporary.store.commit([.findings([Samples.finding()], at: Samples.wall(1))])
        #expect(first.alerts.map(\.kind) == [.new])
        let again = try temporary.store.commit([.findings([Samples.finding()], at: Samples.wall(2))])
        #expect(again.alerts.isEmpty)
        let next = try temporary.store.commit([
            .findings([Samples.finding(invocation: "i2", message: "Used again.")], at: Samples.wall(3))
        ])
        #expect(next.alerts.map(\.kind) == [.counted])
        let alert = try #require(await alerts().first)
        #expect(alert.count == 2 && alert.firstSeen == Samples.wall(1) && alert.lastSeen == Samples.wall(3))
        #expect(alert.message == "Used again." && alert.site == Samples.line(12) && alert.state == .open)
        #expect(alert == next.alerts.first?.alert)
    }

    @Test("are told once a commit, however often it counts them")
    func oneNotice() throws {
        let result = try temporary.store.commit([
            .findings([Samples.finding(), Samples.finding(invocation: "i2")], at: Samples.wall(1))
        ])
        #expect(result.alerts.map(\.kind) == [.new])
        #expect(result.alerts.map(\.alert.count) == [2])
    }

    @Test("open again when seen after they were resolved; acknowledged ones stay so")
    func states() async throws {
        try temporary.store.commit([.findings([Samples.finding()], at: Samples.wall(1))])
        let fingerprint = Samples.finding().fingerprint
        #expect(
            try temporary.store.acknowledge(fingerprintPrefix: String(fingerprint.prefix(6))).state == .acknowledged
        )
        let counted = try temporary.store.commit([.findings([Samples.finding(invocation: "i2")], at: Samples.wall(2))])
        #expect(counted.alerts.map(\.kind) == [.counted])
        #expect(try await alerts([.open]).isEmpty)
        #expect(try await alerts([.acknowledged]).count == 1)
        #expect(try temporary.store.resolve(fingerprintPrefix: fingerprint).state == .resolved)
        let reopened = try temporary.store.commit([
            .findings([Samples.finding(invocation: nil, ordinal: nil)], at: Samples.wall(3))
        ])
        #expect(reopened.alerts.map(\.kind) == [.reopened])
        #expect(try await alerts([.open]).map(\.count) == [3])
        #expect(try await temporary.store.totals().openAlerts == 1)
    }

    @Test("are found by the beginning of their fingerprint, if only one begins so")
    func prefixes() throws {
        try temporary.store.commit([
            .findings((0..<40).map { Samples.finding(line: $0) }, at: Samples.wall(1))
        ])
        #expect(throws: StoreFailure.alertNotFound(prefix: "zz")) {
            try temporary.store.resolve(fingerprintPrefix: "zz")
        }
        #expect { try temporary.store.acknowledge(fingerprintPrefix: "") } throws: { error in
            guard case StoreFailure.alertAmbiguous(prefix: "", candidates: let candidates) = error else { return false }
            return candidates.count == 5
        }
    }

    @Test("have findings with their whole story")
    func story() async throws {
        let related = [
            RelatedSite(role: .created, ordinal: nil, line: Samples.line(3)),
            RelatedSite(role: .closed, ordinal: 0, line: Samples.line(9)),
            RelatedSite(role: RelatedSite.Role(rawValue: "borrowed"), ordinal: 1, line: Samples.line(12, "/lib/x.py")),
        ]
        var finding = Samples.finding(related: related)
        try temporary.store.commit([.findings([finding], at: Samples.wall(1))])
        #expect(try await temporary.store.invocation(withID: "i1")?.findings == [finding])
        finding.site = nil
        finding.invocation = nil
        finding.ordinal = nil
        try temporary.store.commit([.findings([finding], at: Samples.wall(2))])
        let records = try await temporary.store.findings(matching: HistoryFilter())
        #expect(records.first == FindingRecord(finding: finding, at: Samples.wall(2)))
        #expect(records.count == 2)
    }
}
