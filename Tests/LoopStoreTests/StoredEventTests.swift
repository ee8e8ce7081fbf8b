import LoopModel
import LoopStore
import Testing

@Suite("Stored events") struct StoredEventTests {
    @Test("come back exactly as they were", arguments: 0..<24 as Range<UInt64>)
    func roundTrip(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let temporary = try TemporaryStore()
        let environment = EnvironmentID(rawValue: "e1")
        try temporary.store.commit([.environmentStarted(Samples.environment())])
        var sequence: Int64 = 0
        var expected: [String: [LoopEvent]] = [:]
        var group: [HistoryStore.Change] = []
        for ordinal in 0..<Int.random(in: 1...12, using: &generator) {
            let id = "i-\(ordinal)"
            let events = (0..<Int.random(in: 0...20, using: &generator)).map { _ -> LoopEvent in
                defer { sequence += 1 }
                return Self.event(sequence, &generator)
            }
            expected[id] = events
            let end = HistoryStore.Change.invocationEnded(Samples.invocation(id, ordinal: ordinal))
            let told = HistoryStore.Change.events(environment, invocation: InvocationID(rawValue: id), events)
            group +=
                Bool.random(using: &generator)
                ? [end, told] : [.invocationStarted(Samples.invocation(id, ordinal: ordinal, outcome: nil)), end, told]
            if Bool.random(using: &generator) {
                try temporary.store.commit(group)
                group = []
            }
            if Bool.random(using: &generator) { try temporary.reopen() }
        }
        try temporary.store.commit(group)
        for (id, events) in expected {
            let detail = try #require(await temporary.store.invocation(withID: id))
            #expect(detail.events == events)
        }
        var replayed: [LoopEvent] = []
        _ = try temporary.store.replay { environment in
            try environment.forEachSegment { replayed += $0.events }
            return []
        }
        #expect(replayed == expected.values.flatMap(\.self).sorted { $0.sequence < $1.sequence })
        #expect(try temporary.store.integrityCheck().faults.isEmpty)
    }

    private static func event(_ sequence: Int64, _ generator: inout SeededGenerator) -> LoopEvent {
        func maybe<Value>(_ value: @autoclosure () -> Value) -> Value? {
            Bool.random(using: &generator) ? value() : nil
        }
        let texts = ["", "call_soon", "naïve\u{0}text", "’; DROP TABLE loopEvent; --", "🧵 thread", "e\u{301}", "é"]
        func text() -> String { texts.randomElement(using: &generator) ?? "" }
        func line() -> CodeLine {
            CodeLine(file: text(), line: Int.random(in: -1...70_000, using: &generator), function: text())
        }
        return LoopEvent(
            sequence: sequence,
            at: Instant(nanoseconds: Int64.random(in: .min ... .max, using: &generator)),
            kind: LoopEvent.Kind(number: UInt8.random(in: 1...40, using: &generator)),
            flags: LoopEvent.Flags(rawValue: UInt16.random(in: .min ... .max, using: &generator)),
            phase: Phase.allCases.randomElement(using: &generator) ?? .between,
            ordinal: maybe(Int.random(in: 0...Int(UInt32.max), using: &generator)),
            thread: UInt32.random(in: .min ... .max, using: &generator),
            threadName: maybe(text()),
            loop: maybe(LoopSerial(rawValue: UInt32.random(in: .min ... .max, using: &generator))),
            site: maybe(CodeSite(line: line(), isUserCode: Bool.random(using: &generator), via: maybe(line()))),
            detail: maybe(text()),
            value: Int64.random(in: .min ... .max, using: &generator)
        )
    }

    @Test("of init belong to the first invocation's story")
    func initEvents() async throws {
        let temporary = try TemporaryStore()
        let events = [
            LoopEvent(sequence: 0, at: Instant(nanoseconds: 1), kind: .phaseBegun, phase: .initialization),
            LoopEvent(sequence: 1, at: Instant(nanoseconds: 2), kind: .phaseBegun, phase: .invocation, ordinal: 0),
        ]
        try temporary.store.commit([
            .environmentStarted(Samples.environment()), .invocationEnded(Samples.invocation("i1")),
            .events(EnvironmentID(rawValue: "e1"), invocation: InvocationID(rawValue: "i1"), events),
        ])
        let detail = try #require(await temporary.store.invocation(withID: "i"))
        #expect(detail.events == events)
        #expect(detail.environment == Samples.environment())
    }

    @Test("told in several parts are one story")
    func parts() async throws {
        let temporary = try TemporaryStore()
        let events = Samples.events(from: 0, loop: 1, ordinal: 0)
        let environment = EnvironmentID(rawValue: "e1")
        let invocation = InvocationID(rawValue: "i1")
        try temporary.store.commit([
            .environmentStarted(Samples.environment()), .invocationStarted(Samples.invocation("i1", outcome: nil)),
            .events(environment, invocation: invocation, Array(events[..<3])),
        ])
        try temporary.store.commit([.events(environment, invocation: invocation, Array(events[3..<5]))])
        try temporary.store.commit([
            .events(environment, invocation: invocation, Array(events[5...])),
            .invocationEnded(Samples.invocation("i1")),
        ])
        #expect(try await temporary.store.invocation(withID: "i1")?.events == events)
    }

    @Test("of an environment that was never told are refused, and nothing of their group is stored")
    func unknownEnvironment() async throws {
        let temporary = try TemporaryStore()
        #expect(throws: StoreFailure.unknownEnvironment("nobody")) {
            try temporary.store.commit([
                .environmentStarted(Samples.environment()),
                .events(
                    EnvironmentID(rawValue: "nobody"),
                    invocation: nil,
                    Samples.events(from: 0, loop: 1, ordinal: 0)
                ),
            ])
        }
        #expect(try await temporary.store.totals().environments == 0)
    }
}
