import GRDB
import LoopModel
import Testing

@testable import LoopStore

@Suite("Loops that live within one invocation") struct BriefLoopTests {
    private let temporary: TemporaryStore
    private var store: HistoryStore { temporary.store }
    private let environment = EnvironmentID(rawValue: "e1")

    init() throws { temporary = try TemporaryStore() }

    private func rows() async throws -> Int {
        try await store.pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM loop") ?? 0 }
    }

    private func loops(_ filter: HistoryFilter = HistoryFilter()) async throws -> [LoopRecord] {
        try await store.loops(matching: filter, state: .all)
    }

    /// What the recorder commits at the end of an invocation.
    private func end(_ ordinal: Int, _ events: [LoopEvent], of loops: [LoopState]) -> [HistoryStore.Change] {
        let record = Samples.invocation("i\(ordinal)", ordinal: ordinal, at: Int64(ordinal))
        return [
            .invocationEnded(record), .events(environment, invocation: record.id, events),
            .loops(environment, loops),
        ]
    }

    @Test("have no row, are counted, and come back as they were")
    func withoutRow() async throws {
        try store.commit(Samples.life(of: "e1", invocations: 5) + Samples.life(of: "e2", invocations: 3))
        #expect(try await rows() == 0)
        #expect(try await store.totals().loops == 8)
        var found = try await loops()
        #expect(found.count == 8 && found == found.sorted { $0.createdAt > $1.createdAt })
        found = found.filter { $0.environment == environment }
        let states = (0..<5).flatMap {
            Samples.loops(after: Samples.events(from: Int64($0 * 8), loop: UInt32($0 + 1), ordinal: $0))
        }
        #expect(found.reversed().map(\.state) == states)
        #expect(found.reversed().map(\.createdAt) == states.map { TemporaryStore.clocks.wallTime(of: $0.created.at) })
        #expect(found.allSatisfy { !$0.isLeaked && $0.function == Samples.function })
        for state in [LoopFilter.open, .leaked] {
            #expect(try await store.loops(matching: HistoryFilter(), state: state).isEmpty)
        }
        #expect(try store.integrityCheck().faults.isEmpty)
    }

    @Test("stand among those with rows, as the filter says")
    func filtered() async throws {
        let other = FunctionName(sanitizing: "other")
        var changes = Samples.life(of: "e1", invocations: 10)
        changes += [.environmentStarted(Samples.environment("e2", function: other))]
        for ordinal in 0..<6 {
            // Every other one is left open.
            let events = Samples.events(
                from: Int64(ordinal * 8),
                loop: UInt32(ordinal + 1),
                ordinal: ordinal,
                isClosed: ordinal % 2 == 0
            )
            var record = Samples.invocation("o\(ordinal)", in: "e2", ordinal: ordinal, function: other)
            record.run = RunName(stored: "trial")
            let id = EnvironmentID(rawValue: "e2")
            changes += [
                .invocationEnded(record), .events(id, invocation: record.id, events),
                .loops(id, Samples.loops(after: events)),
            ]
        }
        try store.commit(changes)
        #expect(try await rows() == 3)
        let all = try await loops()
        #expect(all.count == 16)
        #expect(all.map(\.createdAt) == all.map(\.createdAt).sorted(by: >))
        for limit in 0...17 {
            let times = try await loops(HistoryFilter(limit: limit)).map(\.createdAt)
            #expect(times == all.prefix(limit).map(\.createdAt))
        }
        var filter = HistoryFilter(function: other)
        #expect(try await loops(filter).map(\.state.serial.rawValue) == [6, 5, 4, 3, 2, 1])
        filter = HistoryFilter(run: RunName(stored: "trial"))
        #expect(try await loops(filter).map(\.state.serial.rawValue) == [6, 5, 4, 3, 2, 1])
        let (since, until) = (all[8].createdAt, all[2].createdAt)
        filter = HistoryFilter(function: other, since: since, until: until)
        let between = all.filter { $0.function == other && (since..<until).contains($0.createdAt) }
        #expect(try await loops(filter) == between && !between.isEmpty)
    }

    @Test("get a row when more becomes known of them, in the same commit or later", arguments: [true, false])
    func later(_ isTogether: Bool) async throws {
        var ledger = Ledger()
        let events = Samples.events(from: 0, loop: 1, ordinal: 0)
        for event in events { ledger.apply(event) }
        let first = [.environmentStarted(Samples.environment())] + end(0, events, of: ledger.ordered)
        let use = LoopEvent(
            sequence: 8,
            at: Instant(nanoseconds: 4_900_000_000),
            kind: .usedAfterClose,
            phase: .invocation,
            ordinal: 1,
            loop: LoopSerial(rawValue: 1),
            detail: "call_soon"
        )
        ledger.apply(use)
        let second = end(1, [use], of: ledger.ordered)
        if isTogether {
            try store.commit(first + second)
        } else {
            try store.commit(first)
            #expect(try await rows() == 0)
            temporary.options.clocks = {
                // The wall clock has been put forward meanwhile.
                ClockReading(wall: Samples.wall(3600), monotonic: TemporaryStore.clocks.monotonic)
            }
            try temporary.reopen()
            try store.commit(second)
        }
        #expect(try await rows() == 1)
        let found = try await loops()
        #expect(found.map(\.state) == ledger.ordered && found.first?.state.usesAfterClose == 1)
        #expect(found.map(\.createdAt) == [TemporaryStore.clocks.wallTime(of: events[1].at)])
        #expect(try await store.totals().loops == 1)
    }

    @Test("are told once, however often they are committed, and whenever their invocation's begin was")
    func again() async throws {
        let events = Samples.events(from: 0, loop: 1, ordinal: 0)
        let states = Samples.loops(after: events)
        try store.commit([
            .environmentStarted(Samples.environment()), .invocationStarted(Samples.invocation("i0", outcome: nil)),
        ])
        try store.commit(end(0, events, of: states))
        #expect(try await rows() == 0)
        for _ in 0..<3 {
            #expect(try await loops().map(\.state) == states)
            #expect(try await store.totals().loops == 1)
            try store.commit(end(0, events, of: states))
        }
    }

    @Test("have rows where an invocation has made several")
    func several() async throws {
        let first = Samples.events(from: 0, loop: 1, ordinal: 0).dropLast()
        let told = (first + Samples.events(from: 7, loop: 2, ordinal: 0).dropFirst()).enumerated().map { index, event in
            var event = event
            event.sequence = Int64(index)
            return event
        }
        let states = Samples.loops(after: told)
        try store.commit([.environmentStarted(Samples.environment())] + end(0, told, of: states))
        #expect(try await rows() == 2)
        #expect(try await loops().map(\.state).sorted { $0.serial < $1.serial } == states)
    }

    @Test("are no different from those with rows, whatever happens to them", arguments: 0..<60 as Range<UInt64>)
    func whatever(_ seed: UInt64) async throws {
        var numbers = SeededGenerator(seed: seed)
        var ledger = Ledger()
        var sequence: Int64 = 0
        var made: UInt32 = 0
        var brief: [LoopSerial] = []
        var changes: [HistoryStore.Change] = [.environmentStarted(Samples.environment())]
        for ordinal in 0..<12 {
            let begun = made
            var events = [Self.event(&sequence, .phaseBegun, ordinal, nil)]
            for _ in 0..<Int.random(in: 0...7, using: &numbers) {
                if made == begun || Int.random(in: 0..<12, using: &numbers) == 0 {
                    made += 1
                    events.append(Self.event(&sequence, .created, ordinal, made))
                }
                let kinds: [LoopEvent.Kind] = [
                    .slotSet, .runBegun, .runEnded, .stopped, .asyncgensShutdown, .executorShutdown, .closed, .closed,
                    .closed, .usedAfterClose, .slotLeftClosed, .openAtEnd, .finalized,
                ]
                let isOld = Int.random(in: 0..<15, using: &numbers) == 0
                var event = Self.event(
                    &sequence,
                    kinds.randomElement(using: &numbers) ?? .closed,
                    ordinal,
                    isOld ? UInt32.random(in: 1...made, using: &numbers) : made
                )
                if Int.random(in: 0..<12, using: &numbers) == 0 { event.phase = .between }
                event.thread = UInt32.random(in: 1...2, using: &numbers)
                events.append(event)
            }
            for event in events { ledger.apply(event) }
            let touched = Set(events.compactMap(\.loop)).sorted().compactMap { ledger.loops[$0] }
            brief += touched.filter(\.isBrief).map(\.serial)
            if Bool.random(using: &numbers) {
                changes.append(.invocationStarted(Samples.invocation("i\(ordinal)", ordinal: ordinal, outcome: nil)))
            }
            if Int.random(in: 0..<3, using: &numbers) == 0 {
                try store.commit(changes)
                changes = []
            }
            changes += end(ordinal, events, of: touched)
        }
        try store.commit(changes)
        let found = try await loops(HistoryFilter(limit: .max))
        #expect(found.map(\.state).sorted { $0.serial < $1.serial } == ledger.ordered)
        let total = try await store.totals().loops
        #expect(total == Int(made))
        let rows = try await rows()
        #expect(rows >= Int(made) - Set(brief).count && (brief.isEmpty || rows <= Int(made)))
        while try store.prune(olderThan: Samples.wall(1000), maximumRows: 40) > 0 {}
        // What is left has a row, and goes with its environment.
        #expect(try await store.totals().loops == self.rows())
    }

    private static func event(
        _ sequence: inout Int64,
        _ kind: LoopEvent.Kind,
        _ ordinal: Int,
        _ loop: UInt32?
    ) -> LoopEvent {
        defer { sequence += 1 }
        return LoopEvent(
            sequence: sequence,
            at: Instant(nanoseconds: 4_000_000_000 + sequence * 1000),
            kind: kind,
            phase: .invocation,
            ordinal: ordinal,
            loop: loop.map(LoopSerial.init(rawValue:)),
            site: kind == .created ? CodeSite(line: Samples.line(7), isUserCode: true) : nil,
            detail: kind == .created ? "asyncio.unix_events._UnixSelectorEventLoop" : nil,
            value: kind == .created ? 3 : 0
        )
    }

    @Test("go with their invocations")
    func deleted() async throws {
        try store.commit(Samples.life(of: "e1", invocations: 40))
        var totals = try await store.totals()
        while totals.invocations > 0 {
            #expect(totals.loops == totals.invocations)
            #expect(try await loops(HistoryFilter(limit: 1000)).count == totals.loops)
            #expect(try store.prune(olderThan: Samples.wall(1000), maximumRows: 50) > 0)
            totals = try await store.totals()
        }
        #expect(totals.loops == 0)
    }

    @Test("are said to be damaged where their events are")
    func damage() async throws {
        try store.commit(Samples.life(of: "e1", invocations: 1))
        try await store.pool.write { try $0.execute(sql: "UPDATE invocation SET events = x'0102'") }
        await #expect(throws: StoreFailure.self) { try await loops() }
    }
}
