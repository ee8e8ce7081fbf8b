import LoopModel
import LoopStore
import Testing

@Suite("Loops") struct LoopTests {
    private let temporary: TemporaryStore
    private let environment = EnvironmentID(rawValue: "e1")

    init() throws { temporary = try TemporaryStore() }

    private func loops(_ state: LoopFilter = .all) async throws -> [LoopRecord] {
        try await temporary.store.loops(matching: HistoryFilter(), state: state)
    }

    @Test("come back with every moment of their lives")
    func roundTrip() async throws {
        var states = Samples.loops(
            after: Samples.events(from: 0, loop: 1, ordinal: 0)
                + Samples.events(from: 8, loop: 2, ordinal: 1, isClosed: false)
        )
        let moment = states[0].created
        states[0].firstRan = Moment(
            LoopEvent(sequence: 0, at: Instant(nanoseconds: 1), kind: .runBegun, phase: .between, thread: 7),
            following: 4
        )
        states[0].slotSet = moment
        states[0].leftInSlot = moment
        states[0].stopped = moment
        states[0].asyncgensShutdown = moment
        states[0].executorShutdown = moment
        states[0].finalized = moment
        states[0].closedBy = [.byHost, .byFinalizer]
        states[0].ranInOrdinal = 3
        states[0].usesAfterClose = 5
        states[0].isRunning = true
        states[1].wasRunningAtEnd = true
        states[1].isHeldByGlobal = true
        try temporary.store.commit([.environmentStarted(Samples.environment()), .loops(environment, states)])
        let records = try await loops().sorted { $0.state.serial < $1.state.serial }
        #expect(records.map(\.state) == states)
        #expect(records.map(\.function) == [Samples.function, Samples.function])
        let created = TemporaryStore.clocks.wallTime(of: states[0].created.at)
        #expect(records[0].createdAt == created)
    }

    @Test("have one row, which says how they stand now")
    func update() async throws {
        let events = Samples.events(from: 0, loop: 1, ordinal: 0)
        try temporary.store.commit([
            .environmentStarted(Samples.environment()), .loops(environment, Samples.loops(after: Array(events[..<5]))),
        ])
        #expect(try await loops(.open).count == 1)
        let final = Samples.loops(after: events)
        try temporary.store.commit([.loops(environment, final)])
        #expect(try await loops(.open).isEmpty)
        #expect(try await loops().map(\.state) == final)
        #expect(try await temporary.store.totals().loops == 1)
    }

    @Test("are leaked when a finding names the line and the invocation that made them")
    func leaks() async throws {
        var changes = Samples.life(of: "e1", invocations: 3, isClosed: false)
        let closed = Samples.events(from: 24, loop: 9, ordinal: 1)
        changes.append(.loops(environment, Samples.loops(after: closed)))
        let finding = Samples.finding(
            rule: "leaked-loop",
            invocation: "e1-i1",
            line: 7,
            related: [RelatedSite(role: .created, ordinal: 1, line: Samples.line(7))]
        )
        try temporary.store.commit(changes + [.findings([finding], at: Samples.wall(5))])
        #expect(try await loops(.leaked).map(\.state.serial.rawValue) == [2])
        // What becomes known of the loop later does not take that back.
        let later = try #require(await loops(.leaked).first)
        try temporary.store.commit([.loops(environment, [later.state])])
        #expect(try await loops(.leaked).map(\.isLeaked) == [true])
        #expect(try await loops(.open).count == 3)
    }
}
