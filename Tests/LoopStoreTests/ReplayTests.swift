import LoopModel
import LoopStore
import Testing

@Suite("Judging the history again") struct ReplayTests {
    private let temporary: TemporaryStore

    init() throws { temporary = try TemporaryStore() }

    private func replay(_ findings: [Finding]) throws -> ReplaySummary {
        try temporary.store.replay { environment in findings.filter { $0.environment == environment.record.id } }
    }

    private func stored() async throws -> [FindingRecord] {
        try await temporary.store.findings(matching: HistoryFilter())
    }

    @Test("goes through each environment's life as it was judged, in order")
    func segments() throws {
        let environment = EnvironmentID(rawValue: "e1")
        let tail = Samples.events(from: 24, loop: 4, ordinal: 2)
        var ended = Samples.environment()
        ended.endedAt = Samples.wall(99)
        ended.end = "idle reaped"
        try temporary.store.commit(
            Samples.life(of: "e1", invocations: 2) + [
                // One whose worker died without a word.
                .invocationEnded(Samples.invocation("e1-i2", ordinal: 2, outcome: .crashed)),
                .events(environment, invocation: nil, tail), .environmentUpdated(ended),
            ] + Samples.life(of: "e2", invocations: 1)
        )
        var told: [String: [ReplayedEnvironment.Segment]] = [:]
        let summary = try temporary.store.replay { replayed in
            try replayed.forEachSegment { told[replayed.record.id.rawValue, default: []].append($0) }
            return []
        }
        #expect(summary.environments == 2)
        #expect(
            told["e1"] == [
                .init(
                    invocation: Samples.invocation("e1-i0", ordinal: 0),
                    events: Samples.events(from: 0, loop: 1, ordinal: 0)
                ),
                .init(
                    invocation: Samples.invocation("e1-i1", ordinal: 1, at: 1),
                    events: Samples.events(from: 8, loop: 2, ordinal: 1)
                ),
                .init(invocation: Samples.invocation("e1-i2", ordinal: 2, outcome: .crashed), events: []),
                .init(invocation: nil, events: tail),
            ]
        )
        #expect(told["e2"]?.map(\.events.count) == [8])
    }

    @Test("judges the end of an environment even if nothing came of it, but not of one that lives")
    func emptyEnd() throws {
        var ended = Samples.environment("e1")
        ended.endedAt = Samples.wall(99)
        try temporary.store.commit([.environmentStarted(ended), .environmentStarted(Samples.environment("e2"))])
        var told: [String] = []
        _ = try temporary.store.replay { replayed in
            try replayed.forEachSegment { _ in told.append(replayed.record.id.rawValue) }
            return []
        }
        #expect(told == ["e1"])
    }

    @Test("keeps what is found again, adds what is new, removes what is not found any more")
    func replacement() async throws {
        let kept = Samples.finding(invocation: "e1-i0", ordinal: 0, line: 1)
        let gone = Samples.finding(invocation: "e1-i1", line: 2)
        var changed = Samples.finding(invocation: "e1-i1", line: 3)
        try temporary.store.commit(
            Samples.life(of: "e1", invocations: 2) + [.findings([kept, gone, changed], at: Samples.wall(50))]
        )
        _ = try temporary.store.acknowledge(fingerprintPrefix: changed.fingerprint)
        _ = try temporary.store.resolve(fingerprintPrefix: kept.fingerprint)
        changed.message = "Said better."
        let new = Samples.finding(invocation: "e1-i0", ordinal: 0, line: 4)
        let summary = try replay([kept, changed, new, new])
        #expect(summary.findingsKept == 2 && summary.findingsAdded == 1 && summary.findingsRemoved == 1)
        #expect(summary.alerts.map(\.kind) == [.new])
        let records = try await stored()
        #expect(Set(records.map(\.finding)) == [kept, changed, new])
        #expect(records.first { $0.finding == changed }?.at == Samples.wall(50))
        // Dated to the end of its invocation.
        #expect(records.first { $0.finding == new }?.at.nanoseconds == Samples.wall(0).nanoseconds + 3_000_000)
        let alerts = try await temporary.store.alerts(matching: HistoryFilter(), states: Set(Alert.State.allCases))
        let states = Dictionary(uniqueKeysWithValues: alerts.map { ($0.fingerprint, $0.state) })
        #expect(states == [kept.fingerprint: .resolved, changed.fingerprint: .acknowledged, new.fingerprint: .open])
        #expect(alerts.allSatisfy { $0.count == 1 })
        #expect(try await temporary.store.totals().findings == 3)
        // A second time changes nothing.
        let again = try replay([kept, changed, new])
        #expect(again.findingsKept == 3 && again.findingsAdded == 0 && again.alerts.isEmpty)
        #expect(try await stored() == records)
    }

    @Test("brings back a finding with the state and the first time that its alert had")
    func comingBack() async throws {
        let finding = Samples.finding(invocation: "e1-i1")
        try temporary.store.commit(Samples.life(of: "e1", invocations: 2) + [.findings([finding], at: Samples.wall(7))])
        let alert = try temporary.store.acknowledge(fingerprintPrefix: finding.fingerprint)
        _ = try replay([])
        #expect(try await temporary.store.alerts(matching: HistoryFilter(), states: [.acknowledged]).isEmpty)
        _ = try replay([finding])
        let back = try await temporary.store.alerts(matching: HistoryFilter(), states: [.acknowledged])
        #expect(back.map(\.count) == [1])
        #expect(try #require(back.first).firstSeen <= alert.firstSeen)
    }

    @Test("leaves alone what is recorded while it judges")
    func meanwhile() async throws {
        let early = Samples.finding(invocation: "e1-i0", ordinal: 0)
        let late = Samples.finding(invocation: "e1-i1", line: 77)
        try temporary.store.commit(Samples.life(of: "e1", invocations: 2) + [.findings([early], at: Samples.wall(1))])
        let (outer, inner) = (temporary.store, try HistoryStore.open(at: temporary.path).store)
        defer { try? inner.close() }
        _ = try outer.replay { _ in
            try inner.commit([.findings([late], at: Samples.wall(2))])
            return []
        }
        #expect(try await stored().map(\.finding) == [late])
    }

    @Test("marks leaked loops anew")
    func leaks() async throws {
        let leak = Samples.finding(
            rule: "leaked-loop",
            invocation: "e1-i1",
            line: 7,
            related: [RelatedSite(role: .created, ordinal: 1, line: Samples.line(7))]
        )
        try temporary.store.commit(Samples.life(of: "e1", invocations: 3, isClosed: false))
        _ = try replay([leak])
        let leaked = try await temporary.store.loops(matching: HistoryFilter(), state: .leaked)
        #expect(leaked.map(\.state.serial.rawValue) == [2])
        _ = try replay([])
        #expect(try await temporary.store.loops(matching: HistoryFilter(), state: .leaked).isEmpty)
    }
}
