/// The fold of one environment's events: the state of each of its loops, across invocations.
///
/// Bounded: of the loops that are closed and gone, the latest ``Ledger/closedLoopsKept`` are remembered, and as many of
/// the older ones that have a story: made while the handler was loaded, or used after they were closed.
package struct Ledger: Hashable, Sendable {
    /// How many closed loops are remembered, so that a use long after the close still has its story.
    package static let closedLoopsKept = 64

    /// The loops known, by serial.
    package private(set) var loops = LoopStates()
    /// By thread, what the current-loop slot was last set to, and by whom.
    package private(set) var slots: [UInt32: SlotState] = [:]
    /// Tasks that were alive when the environment was frozen.
    package private(set) var frozenTasks = FrozenTasks()
    /// How many coroutines may have been refused, by a loop or by what is not there, and not yet been dropped: one stays
    /// in a cycle with its exception until garbage is collected, which may be many invocations later.
    package private(set) var refusedCoroutines = 0
    /// The latest invocation that has begun; nil before the first.
    package private(set) var latestOrdinal: Int?
    /// Loops that are closed or collected, oldest first.
    private var ended: [LoopSerial] = []
    /// How many older ones are remembered beyond those.
    private var spared = 0

    package init() {}

    /// The loops in the order in which they were created.
    package var ordered: [LoopState] { loops.values.sorted { $0.serial < $1.serial } }

    /// Loops that were made and neither closed nor collected.
    package var open: [LoopState] { ordered.filter(\.isOpen) }

    /// Takes in the next event of the environment.
    package mutating func apply(_ event: LoopEvent) {
        if let ordinal = event.ordinal { latestOrdinal = max(latestOrdinal ?? ordinal, ordinal) }
        let moment = Moment(event, following: event.phase == .initialization ? nil : latestOrdinal)
        if event.kind == .slotSet {
            slots[event.thread] = SlotState(
                loop: event.loop,
                set: moment,
                isImplicit: event.flags.contains(.implicit),
                isHosts: event.flags.contains(.byHost)
            )
        }
        frozenTasks.apply(event, at: moment)
        if event.refusesCoroutines {
            refusedCoroutines += 1
        } else if event.kind == .neverAwaited, event.flags.isDisjoint(with: [.atCall, .usedAsResult]) {
            refusedCoroutines = max(refusedCoroutines - 1, 0)
        }
        guard let serial = event.loop else { return }
        switch event.kind {
        case .created:
            loops[serial] = LoopState(serial: serial, created: moment, event: event)
        case .runBegun:
            loops.change(serial) { $0.begin(at: moment) }
        case .runEnded:
            loops.change(serial) { state in
                state.isRunning = false
                state.lastRan = moment
                state.note(ranIn: moment.ordinal)
            }
        case .slotSet: loops.change(serial) { $0.slotSet = moment }
        case .stopped: loops.change(serial) { $0.stopped = moment }
        case .asyncgensShutdown: loops.change(serial) { $0.asyncgensShutdown = moment }
        case .executorShutdown: loops.change(serial) { $0.executorShutdown = moment }
        case .closed:
            var wasOpen = false
            loops.change(serial) { state in
                guard state.closed == nil else { return }
                wasOpen = state.isOpen
                state.closed = moment
                state.closedBy = event.flags
                state.isRunning = false
            }
            if wasOpen { end(serial) }
        case .usedAfterClose: loops.change(serial) { $0.usesAfterClose += 1 }
        case .finalized:
            var wasOpen = false
            loops.change(serial) { state in
                guard state.finalized == nil else { return }
                wasOpen = state.isOpen
                state.finalized = moment
                state.isRunning = false
            }
            if wasOpen { end(serial) }
        case .openAtEnd:
            loops.change(serial) { state in
                state.openAtEndOf = event.ordinal
                state.isHeldByGlobal = event.flags.contains(.heldByGlobal)
                state.isUnreachable = event.flags.contains(.unreachable)
                state.wasRunningAtEnd = event.flags.contains(.runningNow)
                if !event.flags.isDisjoint(with: [.runningNow, .ranInInvocation]) { state.note(ranIn: event.ordinal) }
            }
        case .slotLeftClosed: loops.change(serial) { $0.leftInSlot = $0.leftInSlot ?? moment }
        default: break
        }
    }

    private mutating func end(_ serial: LoopSerial) {
        ended.append(serial)
        guard ended.count > Self.closedLoopsKept else { return }
        let oldest = ended.removeFirst()
        if loops[oldest]?.hasStory == true, spared < Self.closedLoopsKept {
            spared += 1
        } else {
            loops[oldest] = nil
        }
    }
}

extension LoopEvent {
    /// Whether a coroutine may have been refused in it, and then dropped with the exception.
    package var refusesCoroutines: Bool {
        switch kind {
        case .nestedRun, .noRunningLoop, .noCurrentLoop: true
        case .asyncCmMisuse: detail?.hasPrefix("TaskGroup") == true
        case .deprecatedApi: flags.contains(.isLacking)
        case .usedAfterClose: detail == "run_until_complete" || detail == "create_task"
        default: false
        }
    }
}

/// When, where and in which part of the environment's life something was done to a loop.
package struct Moment: Hashable, Sendable {
    package var at: Instant
    package var phase: Phase
    package var ordinal: Int?
    package var thread: UInt32
    package var site: CodeSite?
    /// The latest invocation that had begun by then: for what happens after its answer, the one it came after.
    package var following: Int?

    package init(_ event: LoopEvent, following: Int? = nil) {
        self.following = following
        at = event.at
        phase = event.phase
        ordinal = event.ordinal
        thread = event.thread
        site = event.site
    }
}

/// What is known of one loop.
package struct LoopState: Hashable, Sendable {
    package var serial: LoopSerial
    /// The class, such as `asyncio.unix_events._UnixSelectorEventLoop`.
    package var className: String
    /// The descriptors that it holds while open.
    package var descriptors: Int
    package var created: Moment
    package var createdBy: LoopEvent.Flags
    package var firstRan: Moment?
    /// The latest begin or end of a run.
    package var lastRan: Moment?
    package var runs = 0
    package var isRunning = false
    /// The latest invocation in which it ran, also where its run had begun earlier.
    package var ranInOrdinal: Int?
    /// When it was last put into a thread's current-loop slot.
    package var slotSet: Moment?
    /// The end of the first invocation that left it, closed, in the current-loop slot of the handler's thread.
    package var leftInSlot: Moment?
    package var stopped: Moment?
    package var asyncgensShutdown: Moment?
    package var executorShutdown: Moment?
    package var closed: Moment?
    package var closedBy: LoopEvent.Flags = []
    package var finalized: Moment?
    package var usesAfterClose = 0
    /// The latest invocation at whose end the loop was still open.
    package var openAtEndOf: Int?
    /// Whether it was running then, in some thread.
    package var wasRunningAtEnd = false
    package var isHeldByGlobal = false
    /// Whether nothing alive was found that leads to it.
    package var isUnreachable = false

    package init(serial: LoopSerial, created: Moment, event: LoopEvent) {
        self.serial = serial
        self.created = created
        className = event.detail ?? ""
        descriptors = Int(clamping: event.value)
        createdBy = event.flags
    }

    package var isOpen: Bool { closed == nil && finalized == nil }

    /// Whether all of its life was within one invocation, in which it was closed: then that invocation's events, by
    /// themselves, say all that is known of it.
    package var isBrief: Bool {
        guard closed != nil, created.ordinal != nil, usesAfterClose == 0, openAtEndOf == nil else { return false }
        func isWithin(_ moment: Moment?) -> Bool {
            guard let moment else { return true }
            let ordinal = created.ordinal
            return moment.phase == .invocation && moment.ordinal == ordinal && moment.following == ordinal
        }
        return isWithin(created) && isWithin(firstRan) && isWithin(lastRan) && isWithin(slotSet) && isWithin(leftInSlot)
            && isWithin(stopped) && isWithin(asyncgensShutdown) && isWithin(executorShutdown) && isWithin(closed)
            && isWithin(finalized)
    }

    /// Whether the host made it for an invocation (and so answers for it).
    package var isHosts: Bool { createdBy.contains(.byHost) }

    /// Whether it is likely to be met again although it is closed.
    fileprivate var hasStory: Bool { created.phase == .initialization || usesAfterClose > 0 }

    package var isUVLoop: Bool { className.hasPrefix("uvloop.") }

    fileprivate mutating func begin(at moment: Moment) {
        runs += 1
        isRunning = true
        firstRan = firstRan ?? moment
        lastRan = moment
        note(ranIn: moment.ordinal)
    }

    fileprivate mutating func note(ranIn ordinal: Int?) {
        if let ordinal { ranInOrdinal = max(ranInOrdinal ?? ordinal, ordinal) }
    }
}

/// What a thread's current-loop slot was last set to.
package struct SlotState: Hashable, Sendable {
    package var loop: LoopSerial?
    package var set: Moment
    /// Set inside `get_event_loop()`, not asked for.
    package var isImplicit: Bool
    /// Set by the host.
    package var isHosts: Bool

    package init(loop: LoopSerial?, set: Moment, isImplicit: Bool, isHosts: Bool = false) {
        self.loop = loop
        self.set = set
        self.isImplicit = isImplicit
        self.isHosts = isHosts
    }
}
