import LoopModel

/// Loops from one line that nobody closed, and what proves that nobody will.
///
/// To be open at the end of the invocation that made it is one fact, and no proof. The second is one of:
/// - it was collected without having been closed;
/// - loops of the same line were left by several invocations, and none has run again since the one that made it, nor
///   stayed in the handler's slot;
/// - loops of the same line, made by ``Leak/tooManyRunning`` invocations or more, all go on running;
/// - two further invocations have ended, it did not run in them, and nothing alive leads to it, be it a module global,
///   an object behind one, or a thread's current-loop slot. Not to have found a holder is not enough: one loop may be
///   kept in a closure or deep in an application object, and not be needed by every invocation.
///
/// So one Runner, one module-level loop, one loop in a service thread or in the slot are no leaks, used in every
/// invocation or not. What was made while the handler was loaded is the business of ``ModuleScopeLoop``.
struct Leak {
    /// How many invocations must have started a loop that still runs: one or two are service threads.
    static let tooManyRunning = 3
    /// How many further invocations must have left a single loop idle, so that one that needs no loop is no proof.
    private static let patience = 2

    /// Where they were created.
    let line: CodeLine
    /// In the order of their creation.
    private(set) var loops: [LoopState]
    /// Whether several invocations have left loops there.
    let isGrowing: Bool

    private init(line: CodeLine, loops: [LoopState], isGrowing: Bool) {
        self.line = line
        self.loops = loops
        self.isGrowing = isGrowing
    }

    /// The leaks of an environment as far as a ledger proves them, in the order of their first loops.
    static func all(in ledger: Ledger, on environment: EnvironmentRecord) -> [Leak] {
        var left: [CodeLine: [LoopState]] = [:]
        for state in ledger.loops.values where isLeft(state) {
            if let line = state.created.site?.line { left[line, default: []].append(state) }
        }
        return left.compactMap { line, states in
            leak(at: line, of: states.sorted { $0.serial < $1.serial }, slots: ledger.slots, environment)
        }
        .sorted {
            ($0.loops.first?.serial ?? LoopSerial(rawValue: 0)) < ($1.loops.first?.serial ?? LoopSerial(rawValue: 0))
        }
    }

    /// Whether a loop was left open by whoever made it.
    private static func isLeft(_ state: LoopState) -> Bool {
        if state.isHosts { return false }
        if let finalized = state.finalized {
            // When the interpreter ends, everything goes, and the system takes the descriptors back.
            return finalized.phase != .shutdown
                && (state.created.phase != .initialization || finalized.phase == .initialization)
        }
        return state.isOpen && state.openAtEndOf != nil && state.created.phase != .initialization
    }

    private static func leak(
        at line: CodeLine,
        of states: [LoopState],
        slots: [UInt32: SlotState],
        _ environment: EnvironmentRecord
    ) -> Leak? {
        let idle = states.filter { $0.isCollected || isIdle($0) }
        let running = states.filter { !$0.isCollected && isRunning($0) }
        let newestMaker = idle.last?.created.invocation
        // What has stayed in the handler's slot since an earlier invocation is there for get_event_loop().
        let piling = idle.filter { state in
            state.isCollected || slots[1]?.loop != state.serial || state.created.invocation == newestMaker
        }
        // On Python 3.8 a ThreadPoolExecutor starts a thread for each job until it is full, and a loop kept by each of
        // them looks like growth for a while.
        let isPooled =
            environment.pythonVersion.hasPrefix("3.8.")
            && piling.contains { $0.created.thread != 1 && isInSlot($0, slots) }
        if makers(of: piling) >= (isPooled ? 4 : 2) { return Leak(line: line, loops: piling, isGrowing: true) }
        if makers(of: running) >= tooManyRunning { return Leak(line: line, loops: running, isGrowing: true) }
        let lost = idle.filter { $0.isCollected || isAbandoned($0, slots) }
        return lost.isEmpty ? nil : Leak(line: line, loops: lost, isGrowing: false)
    }

    /// How many invocations made them.
    private static func makers(of states: [LoopState]) -> Int { Set(states.map(\.created.invocation)).count }

    private static func isRunning(_ state: LoopState) -> Bool { state.isRunning || state.wasRunningAtEnd }

    /// Whether it has not run since the invocation that made it.
    private static func isIdle(_ state: LoopState) -> Bool {
        guard !isRunning(state), let maker = state.created.invocation else { return false }
        return (state.ranInOrdinal ?? maker) <= maker
    }

    private static func isInSlot(_ state: LoopState, _ slots: [UInt32: SlotState]) -> Bool {
        slots.values.contains { $0.loop == state.serial }
    }

    /// Whether it alone has been left for good.
    private static func isAbandoned(_ state: LoopState, _ slots: [UInt32: SlotState]) -> Bool {
        guard let maker = state.created.invocation, let last = state.openAtEndOf else { return false }
        return last - maker >= patience && state.isUnreachable && !isInSlot(state, slots)
    }

    // MARK: What they cost

    /// uvloop does not free the descriptors of a loop that is collected without having been closed (0.23, measured).
    func holdsDescriptors(_ state: LoopState) -> Bool { !state.isCollected || state.isUVLoop }

    private var descriptors: Int { loops.filter(holdsDescriptors).map(\.descriptors).reduce(0, +) }

    // MARK: The story

    /// The installed library that makes them.
    var library: CodeLine? { loops.last?.created.site?.library }

    /// How many were made, where and when.
    var making: String {
        guard let newest = loops.last else { return "" }
        let creation = (newest.isRunners ? " created by a Runner" : " created") + newest.created.place
        let makers = Set(loops.compactMap(\.created.invocation)).sorted()
        guard loops.count > 1 else {
            let loop = newest.serial.description.sentence
            return
                "\(loop) was\(creation)\(makers.first.map { " in \(named($0))" } ?? newest.created.when) and never closed."
        }
        let when =
            switch makers.count {
            case 0: newest.created.when
            case 1: " in \(named(makers[0]))"
            default: (loops.count == makers.count ? ", one in each of " : " in ") + Self.span(of: makers)
            }
        return "Of the \(loops.count) loops\(creation)\(when), none was closed."
    }

    /// `the invocations 0 and 1`, `the invocations 0 to 7`, `9 invocations, the latest of them 14`.
    private static func span(of makers: [Int]) -> String {
        let (first, last) = (makers[0], makers[makers.count - 1])
        if makers.count == 2 { return "the invocations \(first) and \(last)" }
        if makers.count == last - first + 1 { return "the invocations \(first) to \(last)" }
        return "\(makers.count) invocations, the latest of them \(last)"
    }

    /// What has become of them.
    var remainder: String {
        let open = loops.filter { !$0.isCollected }
        let collected = loops.filter(\.isCollected)
        var sentences: [String] = []
        if !open.isEmpty {
            let subject =
                open.count == loops.count
                ? (loops.count == 1 ? "It is" : "All are") : "\(open.count) \(open.count == 1 ? "is" : "are")"
            let state =
                open.contains(where: Self.isRunning)
                ? "and still running" : "and nothing has run \(open.count == 1 ? "it" : "them") since"
            sentences.append("\(subject) still open \(state).")
        }
        if !collected.isEmpty {
            let subject =
                open.isEmpty
                ? (loops.count == 1 ? "The garbage collector took it" : "The garbage collector took them all")
                : "The garbage collector took \(collected.count)"
            sentences.append(
                collected.contains(where: \.isUVLoop)
                    ? "\(subject), but a uvloop loop that was not closed keeps its descriptors even then."
                    : "\(subject), which gave the descriptors back."
            )
        }
        if descriptors > 0 {
            let holders = loops.filter(holdsDescriptors)
            let each = Set(holders.map(\.descriptors))
            sentences.append(
                (holders.count == 1 ? "It holds" : "Together they hold") + " \(counted(descriptors, "descriptor"))"
                    + (holders.count > 1 && each.count == 1 ? ", \(each.first ?? 0) each." : ".")
            )
        }
        return sentences.joined(separator: " ")
    }

    /// When the process runs out of descriptors at this rate, with the invocation that has just ended for a start; nil
    /// where that is not known or will not happen.
    func forecast(limit environment: EnvironmentRecord, at ordinal: Int?) -> String? {
        let holders = loops.filter(holdsDescriptors)
        guard isGrowing, let ordinal, let first = holders.compactMap(\.created.invocation).min(), descriptors > 0,
            environment.descriptorLimit > 0, environment.descriptorsAtReady > 0
        else { return nil }
        let free = environment.descriptorLimit - environment.descriptorsAtReady
        let invocations = max(ordinal - first + 1, 1)
        let last = max(first + free * invocations / descriptors, ordinal + 1)
        // The collector may come to what nobody holds, late and not in time for sure; it closes asyncio's loops.
        let isCollectable = holders.allSatisfy { !$0.isHeldByGlobal && !$0.isUVLoop && !Self.isRunning($0) }
        return
            "At this rate the process runs out of its \(environment.descriptorLimit) descriptors in invocation \(last)"
            + (isCollectable ? ", unless the garbage collector comes before." : ".")
    }

    // MARK: The change

    var advice: String {
        guard let newest = loops.last else { return "" }
        if let library {
            return "\(library.packageName) makes the loop. Close its object in the invocation that makes it, or make "
                + "it once and keep it for the whole environment."
        }
        if loops.contains(where: { !$0.isCollected && Self.isRunning($0) }) {
            return
                "Start the thread and its loop\(newest.created.place) once and keep them for the whole environment; or stop "
                + "the loop with loop.call_soon_threadsafe(loop.stop), join the thread and close the loop before the answer."
        }
        if newest.isRunners {
            return "Use the Runner\(newest.created.place) in a with statement, or keep one for the whole environment."
        }
        return "Use asyncio.run(...) instead of the loop made\(newest.created.place), or close that in a finally with "
            + "loop.close(). To keep a loop for later invocations, make it once and use it again."
    }
}
