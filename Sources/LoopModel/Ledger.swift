/// The fold of one environment's events: the state of each of its loops, across invocations.
///
/// Bounded: of the loops that are closed and gone, only the latest ``Ledger/closedLoopsKept`` are remembered.
package struct Ledger: Hashable, Sendable {
    /// How many closed loops are remembered, so that a use long after the close still has its story.
    package static let closedLoopsKept = 512

    /// The loops known, by serial.
    package private(set) var loops: [LoopSerial: LoopState] = [:]
    /// By thread, what the current-loop slot was last set to, and by whom.
    package private(set) var slots: [UInt32: SlotState] = [:]
    /// Loops that are closed or collected, oldest first.
    private var ended: [LoopSerial] = []

    package init() {}

    /// The loops in the order in which they were created.
    package var ordered: [LoopState] { loops.values.sorted { $0.serial < $1.serial } }

    /// Loops that were made and neither closed nor collected.
    package var open: [LoopState] { ordered.filter(\.isOpen) }

    /// Takes in the next event of the environment.
    package mutating func apply(_ event: LoopEvent) {
        if event.kind == .slotSet {
            slots[event.thread] = SlotState(
                loop: event.loop,
                set: Moment(event),
                isImplicit: event.flags.contains(.implicit)
            )
        }
        guard let serial = event.loop else { return }
        let moment = Moment(event)
        switch event.kind {
        case .created:
            loops[serial] = LoopState(serial: serial, created: moment, event: event)
        case .runBegun:
            loops[serial]?.begin(at: moment)
        case .runEnded:
            loops[serial]?.isRunning = false
            loops[serial]?.lastRan = moment
        case .stopped: loops[serial]?.stopped = moment
        case .asyncgensShutdown: loops[serial]?.asyncgensShutdown = moment
        case .executorShutdown: loops[serial]?.executorShutdown = moment
        case .closed:
            guard loops[serial]?.closed == nil else { return }
            loops[serial]?.closed = moment
            loops[serial]?.closedBy = event.flags
            loops[serial]?.isRunning = false
            end(serial)
        case .usedAfterClose:
            loops[serial]?.usesAfterClose += 1
        case .finalized:
            loops[serial]?.finalized = moment
            loops[serial]?.isRunning = false
            end(serial)
        case .openAtEnd:
            loops[serial]?.openAtEndOf = event.ordinal
            loops[serial]?.isHeldByGlobal = event.flags.contains(.heldByGlobal)
        default: break
        }
    }

    private mutating func end(_ serial: LoopSerial) {
        guard loops[serial] != nil else { return }
        ended.append(serial)
        if ended.count > Self.closedLoopsKept { loops[ended.removeFirst()] = nil }
    }
}

/// When, where and in which part of the environment's life something was done to a loop.
package struct Moment: Hashable, Sendable {
    package var at: Instant
    package var phase: Phase
    package var ordinal: Int?
    package var thread: UInt32
    package var site: CodeSite?

    package init(_ event: LoopEvent) {
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
    package var stopped: Moment?
    package var asyncgensShutdown: Moment?
    package var executorShutdown: Moment?
    package var closed: Moment?
    package var closedBy: LoopEvent.Flags = []
    package var finalized: Moment?
    package var usesAfterClose = 0
    /// The latest invocation at whose end the loop was still open.
    package var openAtEndOf: Int?
    package var isHeldByGlobal = false

    package init(serial: LoopSerial, created: Moment, event: LoopEvent) {
        self.serial = serial
        self.created = created
        className = event.detail ?? ""
        descriptors = Int(clamping: event.value)
        createdBy = event.flags
    }

    package var isOpen: Bool { closed == nil && finalized == nil }

    /// Whether the host made it for an invocation (and so answers for it).
    package var isHosts: Bool { createdBy.contains(.byHost) }

    package var isUVLoop: Bool { className.hasPrefix("uvloop.") }

    fileprivate mutating func begin(at moment: Moment) {
        runs += 1
        isRunning = true
        firstRan = firstRan ?? moment
        lastRan = moment
    }
}

/// What a thread's current-loop slot was last set to.
package struct SlotState: Hashable, Sendable {
    package var loop: LoopSerial?
    package var set: Moment
    /// Set inside `get_event_loop()`, not asked for.
    package var isImplicit: Bool

    package init(loop: LoopSerial?, set: Moment, isImplicit: Bool) {
        self.loop = loop
        self.set = set
        self.isImplicit = isImplicit
    }
}
