import LoopModel
import Testing

@Suite("The ledger")
struct LedgerTests {
    private let loop = LoopSerial(rawValue: 7)

    /// An event, with just what matters.
    private func event(
        _ kind: LoopEvent.Kind,
        _ loop: LoopSerial? = LoopSerial(rawValue: 7),
        _ flags: LoopEvent.Flags = [],
        phase: Phase = .invocation,
        ordinal: Int? = 0,
        thread: UInt32 = 1,
        line: Int? = nil
    ) -> LoopEvent {
        LoopEvent(
            sequence: 0,
            at: Instant(nanoseconds: 1),
            kind: kind,
            flags: flags,
            phase: phase,
            ordinal: ordinal,
            thread: thread,
            loop: loop,
            site: line.map {
                CodeSite(line: CodeLine(file: "handler.py", line: $0, function: "handler"), isUserCode: true)
            },
            detail: kind == .created ? "uvloop.Loop" : nil,
            value: kind == .created ? 5 : 0
        )
    }

    private func fold(_ events: [LoopEvent], into ledger: Ledger = Ledger()) -> Ledger {
        events.reduce(into: ledger) { $0.apply($1) }
    }

    @Test("knows a loop from its creation to its close")
    func life() throws {
        let ledger = fold([
            event(.created, line: 3), event(.slotSet, line: 4), event(.runBegun, line: 5), event(.stopped),
            event(.runEnded, line: 5), event(.asyncgensShutdown), event(.executorShutdown), event(.closed, line: 8),
            event(.usedAfterClose, ordinal: 1, line: 5), event(.usedAfterClose, ordinal: 1, line: 5),
        ])
        let state = try #require(ledger.loops[loop])
        #expect(state.className == "uvloop.Loop")
        #expect(state.isUVLoop && state.descriptors == 5)
        #expect(state.created.site?.line.line == 3)
        #expect(state.slotSet?.site?.line.line == 4)
        #expect(state.firstRan?.site?.line.line == 5)
        #expect(state.runs == 1 && !state.isRunning && state.ranInOrdinal == 0)
        #expect(state.stopped != nil && state.asyncgensShutdown != nil && state.executorShutdown != nil)
        #expect(state.closed?.site?.line.line == 8)
        #expect(!state.isOpen && state.usesAfterClose == 2)
        #expect(ledger.open.isEmpty && ledger.ordered.map(\.serial) == [loop])
        #expect(ledger.latestOrdinal == 1)
    }

    @Test("counts a loop as running from begin to end, and as the end of an invocation found it")
    func running() {
        var ledger = fold([event(.created), event(.runBegun)])
        #expect(ledger.loops[loop]?.isRunning == true)
        ledger.apply(event(.openAtEnd, loop, [.runningNow, .ranInInvocation], ordinal: 3))
        #expect(ledger.loops[loop]?.wasRunningAtEnd == true)
        #expect(ledger.loops[loop]?.ranInOrdinal == 3 && ledger.loops[loop]?.openAtEndOf == 3)
        ledger.apply(event(.runEnded, ordinal: 4))
        ledger.apply(event(.openAtEnd, loop, .heldByGlobal, ordinal: 5))
        #expect(ledger.loops[loop]?.isRunning == false && ledger.loops[loop]?.wasRunningAtEnd == false)
        #expect(ledger.loops[loop]?.isUnreachable == false)
        #expect(ledger.loops[loop]?.isHeldByGlobal == true && ledger.loops[loop]?.ranInOrdinal == 4)
    }

    @Test("keeps the first close, and knows the finalizer's")
    func closing() {
        var ledger = fold([event(.created), event(.closed, line: 5), event(.closed, line: 6)])
        #expect(ledger.loops[loop]?.closed?.site?.line.line == 5)
        ledger = fold([event(.created), event(.finalized), event(.closed, loop, .byFinalizer)])
        #expect(ledger.loops[loop]?.finalized != nil)
        #expect(ledger.loops[loop]?.closedBy == .byFinalizer)
    }

    @Test("keeps each thread's slot, with who filled it and how")
    func slots() {
        let ledger = fold([
            event(.slotSet, loop, .implicit), event(.slotSet, loop, thread: 2),
            event(.slotSet, nil, .byHost, thread: 3), event(.slotLeftClosed, ordinal: 4),
        ])
        #expect(ledger.slots[1]?.loop == loop && ledger.slots[1]?.isImplicit == true)
        #expect(ledger.slots[2]?.isImplicit == false && ledger.slots[2]?.isHosts == false)
        #expect(ledger.slots[3]?.loop == nil && ledger.slots[3]?.isHosts == true)
    }

    @Test("remembers the first invocation that left a closed loop in the slot")
    func leftInSlot() {
        let ledger = fold([event(.created), event(.closed), event(.slotLeftClosed), event(.slotLeftClosed, ordinal: 1)])
        #expect(ledger.loops[loop]?.leftInSlot?.ordinal == 0)
    }

    @Test("says which invocation something came after")
    func following() {
        let ledger = fold([
            event(.created, phase: .initialization, ordinal: nil), event(.phaseBegun, nil, ordinal: 4),
            event(.runBegun, phase: .between, ordinal: nil), event(.closed, phase: .shutdown, ordinal: nil),
        ])
        #expect(ledger.loops[loop]?.created.following == nil)
        #expect(ledger.loops[loop]?.firstRan?.following == 4)
        #expect(ledger.loops[loop]?.closed?.following == 4)
    }

    @Test("ignores what is said of loops it does not know")
    func unknownLoops() {
        let kinds = LoopEvent.Kind.known.filter { $0 != .created }
        let ledger = fold(kinds.map { event($0) })
        #expect(ledger.loops.isEmpty)
    }

    /// What is told of a task when its environment is about to be frozen, and of the freeze.
    private func frozen(_ number: Int64, after ordinal: Int? = nil) -> LoopEvent {
        var event = event(.taskFrozen, phase: .between, ordinal: ordinal, line: Int(number))
        (event.detail, event.value) = ("audit", number)
        return event
    }

    private func thawed(after time: Duration) -> LoopEvent {
        var event = event(.thawed, nil, phase: .between, ordinal: nil)
        event.value = time.nanoseconds
        return event
    }

    @Test("knows for how long a task has stood still, and where it waited first and last")
    func freezes() throws {
        var again = frozen(3)
        again.site = event(.taskFrozen, line: 9).site
        var ledger = fold([event(.phaseBegun, nil), frozen(3), thawed(after: .seconds(2)), frozen(4)])
        #expect(ledger.frozenTasks.stalled.map(\.number) == [3])
        ledger = fold([event(.phaseBegun, nil, ordinal: 1), again, thawed(after: .seconds(3))], into: ledger)
        let task = try #require(ledger.frozenTasks[3])
        #expect(task.stalled == .seconds(5) && task.freezes == 2 && task.name == "audit" && task.loop == loop)
        #expect(task.first.following == 0 && task.first.site?.line.line == 3)
        #expect(task.latest.following == 1 && task.latest.site?.line.line == 9)
        #expect(ledger.frozenTasks[4]?.stalled == .seconds(3))
        // A thaw that nothing was told before is none of theirs.
        #expect(fold([thawed(after: .seconds(7))], into: ledger).frozenTasks == ledger.frozenTasks)
    }

    @Test("remembers the latest tasks that were frozen")
    func manyFrozen() {
        let count = Int64(FrozenTasks.kept + 10)
        let ledger = fold((1...count).map { frozen($0) } + [thawed(after: .seconds(1))])
        #expect(ledger.frozenTasks.stalled.map(\.number) == Array(11...count))
    }

    @Test("stays bounded, forgets the oldest closed loops first, and spares those with a story and those open")
    func bounded() {
        var ledger = Ledger()
        func make(_ serial: UInt32, phase: Phase = .invocation, isClosed: Bool = true, isUsed: Bool = false) {
            let loop = LoopSerial(rawValue: serial)
            ledger.apply(event(.created, loop, phase: phase))
            if isClosed { ledger.apply(event(.closed, loop)) }
            if isUsed { ledger.apply(event(.usedAfterClose, loop)) }
        }
        make(1, phase: .initialization)
        make(2, isUsed: true)
        make(3, isClosed: false)
        make(4)
        for serial in 5..<3000 { make(UInt32(serial), isUsed: serial < 2000) }
        #expect(ledger.loops.count == 2 * Ledger.closedLoopsKept + 1)
        #expect([1, 2, 3].allSatisfy { ledger.loops[LoopSerial(rawValue: $0)] != nil })
        #expect(ledger.loops[LoopSerial(rawValue: 4)] == nil)
        #expect(ledger.loops[LoopSerial(rawValue: 2999)] != nil)
    }

    @Test("is the same wherever the events are split")
    func splitting() {
        let serials = (1...20).map { LoopSerial(rawValue: $0) }
        let kinds: [LoopEvent.Kind] = [
            .created, .slotSet, .runBegun, .runEnded, .closed, .usedAfterClose, .openAtEnd, .slotLeftClosed, .finalized,
        ]
        // Any order will do, also one that no interpreter would give; the sequence is fixed so that a failure repeats.
        var state: UInt32 = 12345
        func next(_ bound: Int) -> Int {
            state = state &* 1_664_525 &+ 1_013_904_223
            return Int(state >> 8) % bound
        }
        let events = (0..<400).map { index in
            event(
                kinds[next(kinds.count)],
                serials[next(20)],
                LoopEvent.Flags(rawValue: UInt16(next(16))),
                ordinal: index / 40
            )
        }
        let whole = fold(events)
        #expect(!whole.loops.isEmpty)
        for split in stride(from: 0, through: events.count, by: 7) {
            #expect(fold(Array(events[split...]), into: fold(Array(events[..<split]))) == whole)
        }
        #expect(fold(events.reversed()) != whole, "the order does count")
    }
}
