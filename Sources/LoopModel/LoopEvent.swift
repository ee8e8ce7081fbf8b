/// The part of an environment's life in which something happened.
package enum Phase: UInt8, Sendable, Codable, CaseIterable {
    case initialization = 0
    case invocation = 1
    /// After an answer and before the next invocation.
    case between = 2
    case shutdown = 3

    /// The word used on screen, in JSON and in the store.
    package var name: String {
        switch self {
        case .initialization: "init"
        case .invocation: "invocation"
        case .between: "between"
        case .shutdown: "shutdown"
        }
    }
}

/// An append-only fact about one loop (or the environment as a whole) at one instant, as the probe saw it.
package struct LoopEvent: Hashable, Sendable {
    /// Position in its environment's life, counted from 0 without holes.
    package var sequence: Int64
    package var at: Instant
    package var kind: Kind
    package var flags: Flags
    package var phase: Phase
    /// Which invocation of the environment, counted from 0; nil in init and shutdown.
    package var ordinal: Int?
    /// The probe's number for the thread; 1 is the thread that runs the handler.
    package var thread: UInt32
    /// The name of the thread, where the probe gave one.
    package var threadName: String?
    package var loop: LoopSerial?
    /// nil where only the host's own code was on the stack.
    package var site: CodeSite?
    /// What the kind says it is: a class, a method, a message.
    package var detail: String?
    /// What the kind says it is: a number of descriptors, another loop's serial, a count.
    package var value: Int64

    package init(
        sequence: Int64,
        at: Instant,
        kind: Kind,
        flags: Flags = [],
        phase: Phase,
        ordinal: Int? = nil,
        thread: UInt32 = 1,
        threadName: String? = nil,
        loop: LoopSerial? = nil,
        site: CodeSite? = nil,
        detail: String? = nil,
        value: Int64 = 0
    ) {
        self.sequence = sequence
        self.at = at
        self.kind = kind
        self.flags = flags
        self.phase = phase
        self.ordinal = ordinal
        self.thread = thread
        self.threadName = threadName
        self.loop = loop
        self.site = site
        self.detail = detail
        self.value = value
    }

    /// What happened.
    ///
    /// The numbers are those of the worker protocol and of the store; they are never reused.
    package enum Kind: Hashable, Sendable {
        /// `detail`: class; `value`: descriptors the loop holds.
        case created
        /// The current-loop slot of the thread was set (no loop: to None).
        case slotSet
        /// `value`: the serial of the loop in which this one was nested, with ``Flags/nested``.
        case runBegun
        case runEnded
        case stopped
        case asyncgensShutdown
        case executorShutdown
        case closed
        /// `detail`: the method that was called.
        case usedAfterClose
        /// Collected by the garbage collector without having been closed.
        case finalized
        /// Still open when an invocation ended.
        case openAtEnd
        /// When an invocation ended, the handler's thread had this closed loop in its current-loop slot.
        case slotLeftClosed
        case phaseBegun
        case phaseEnded
        /// A hook of the probe failed and is now off; `detail` says which and why.
        case probeFailed
        /// `value`: how many events did not fit.
        case eventsDropped
        /// `detail`: a name this CPython does not have, and so a detection that is off.
        case hookMissing
        // Observations: what the probe saw that is no step in a loop's life. loopwarden_probe/facts.py says of each
        // what site, detail and value are.
        /// A further line of the observation that follows in this thread; `flags`: its kind; `detail`: the line's role;
        /// `value`: in which invocation it played that role, -1 before the first.
        case relatedSite
        case taskLeftAtClose
        case taskDestroyed
        case neverAwaited
        case exceptionNeverRetrieved
        case taskUnfinished
        case cancelSwallowed
        case exitEscaped
        case nestedRun
        case noCurrentLoop
        case noRunningLoop
        case wrongLoop
        case taskResumed
        case closeRefused
        case foreignEnd
        case executorReused
        case asyncgenUnclosed
        case loopBlocked
        case crossThreadCall
        case threadLeft
        case childLeft
        case resourceUnclosed
        case descriptors
        case deprecatedApi
        case nestAsyncio
        case notOnWindows
        case signalOffMain
        case asyncCmMisuse
        case ownLoopWait
        case awaitPending
        case cancelScopeMisuse
        case sequentialAwaits
        case staticHint
        case coroutineReused
        /// The daemon's own: the environment's processes were stopped. `detail`: by which means; `value`: how many.
        case frozen
        /// The daemon's own: they went on. `detail`: as above; `value`: for how long they had been stopped, in nanoseconds.
        case thawed
        // What is alive when an environment is about to be frozen, and what becomes of it.
        case taskFrozen
        case taskThawed
        case timerFrozen
        case timerLate
        case threadFrozen
        case childFrozen
        case socketFrozen
        case socketLost
        /// From a probe newer than this daemon.
        case unknown(UInt8)

        /// Known kinds with their number and the word used on screen, in JSON and in the OpenAPI document.
        private static let table: [(kind: Kind, number: UInt8, name: String)] = [
            (.created, 1, "loop-created"), (.slotSet, 2, "slot-set"), (.runBegun, 3, "run-begun"),
            (.runEnded, 4, "run-ended"), (.stopped, 5, "loop-stopped"),
            (.asyncgensShutdown, 6, "asyncgens-shutdown"), (.executorShutdown, 7, "executor-shutdown"),
            (.closed, 8, "loop-closed"), (.usedAfterClose, 9, "used-after-close"), (.finalized, 10, "finalized"),
            (.openAtEnd, 11, "open-at-end"), (.slotLeftClosed, 12, "slot-left-closed"),
            (.phaseBegun, 13, "phase-begun"), (.phaseEnded, 14, "phase-ended"), (.probeFailed, 15, "probe-failed"),
            (.eventsDropped, 16, "events-dropped"), (.hookMissing, 17, "hook-missing"),
            (.relatedSite, 31, "related-site"), (.taskLeftAtClose, 32, "task-left-at-close"),
            (.taskDestroyed, 33, "task-destroyed"), (.neverAwaited, 34, "never-awaited"),
            (.exceptionNeverRetrieved, 35, "exception-never-retrieved"), (.taskUnfinished, 36, "task-unfinished"),
            (.cancelSwallowed, 37, "cancel-swallowed"), (.exitEscaped, 38, "exit-escaped"),
            (.nestedRun, 39, "nested-run"), (.noCurrentLoop, 40, "no-current-loop"),
            (.noRunningLoop, 41, "no-running-loop"), (.wrongLoop, 42, "wrong-loop"),
            (.taskResumed, 43, "task-resumed"), (.closeRefused, 44, "close-refused"),
            (.foreignEnd, 45, "foreign-end"), (.executorReused, 46, "executor-reused"),
            (.asyncgenUnclosed, 47, "asyncgen-unclosed"), (.loopBlocked, 48, "loop-blocked"),
            (.crossThreadCall, 49, "cross-thread-call"), (.threadLeft, 50, "thread-left"),
            (.childLeft, 51, "child-left"), (.resourceUnclosed, 52, "resource-unclosed"),
            (.descriptors, 53, "descriptors"), (.deprecatedApi, 54, "deprecated-api"),
            (.nestAsyncio, 55, "nest-asyncio"), (.notOnWindows, 56, "not-on-windows"),
            (.signalOffMain, 57, "signal-off-main"), (.asyncCmMisuse, 58, "async-cm-misuse"),
            (.ownLoopWait, 59, "own-loop-wait"), (.awaitPending, 60, "await-pending"),
            (.cancelScopeMisuse, 61, "cancel-scope-misuse"), (.sequentialAwaits, 62, "sequential-awaits"),
            (.staticHint, 63, "static-hint"), (.coroutineReused, 64, "coroutine-reused"),
            (.frozen, 65, "frozen"), (.thawed, 66, "thawed"), (.taskFrozen, 67, "task-frozen"),
            (.taskThawed, 68, "task-thawed"), (.timerFrozen, 69, "timer-frozen"), (.timerLate, 70, "timer-late"),
            (.threadFrozen, 71, "thread-frozen"), (.childFrozen, 72, "child-frozen"),
            (.socketFrozen, 73, "socket-frozen"), (.socketLost, 74, "socket-lost"),
        ]
        private static let byNumber = Dictionary(uniqueKeysWithValues: table.map { ($0.number, $0.kind) })
        private static let byKind = Dictionary(uniqueKeysWithValues: table.map { ($0.kind, $0) })

        /// Every kind this build knows.
        package static var known: [Kind] { table.map(\.kind) }

        package init(number: UInt8) { self = Self.byNumber[number] ?? .unknown(number) }

        package var number: UInt8 {
            if case .unknown(let raw) = self { return raw }
            return Self.byKind[self]?.number ?? 0
        }

        package var name: String {
            if case .unknown(let raw) = self { return "unknown-\(raw)" }
            return Self.byKind[self]?.name ?? ""
        }
    }

    /// Circumstances of an event; which apply is said by the protocol's table of kinds.
    package struct Flags: OptionSet, Hashable, Sendable {
        package let rawValue: UInt16

        package init(rawValue: UInt16) { self.rawValue = rawValue }

        /// created, slotSet: done inside `get_event_loop()`, not asked for by name.
        package static let implicit = Self(rawValue: 1 << 0)
        /// runBegun: another loop was already running in this thread.
        package static let nested = Self(rawValue: 1 << 0)
        /// openAtEnd: running at that moment, in some thread.
        package static let runningNow = Self(rawValue: 1 << 0)
        /// created, closed: done by `asyncio.run` or an `asyncio.Runner`.
        package static let byRunner = Self(rawValue: 1 << 1)
        /// openAtEnd: reachable from a module's globals.
        package static let heldByGlobal = Self(rawValue: 1 << 1)
        /// The host's own doing (its loop of an invocation).
        package static let byHost = Self(rawValue: 1 << 2)
        /// openAtEnd: it ran during this invocation.
        package static let ranInInvocation = Self(rawValue: 1 << 2)
        /// openAtEnd: the search for what holds it came to its end and found nothing alive.
        package static let unreachable = Self(rawValue: 1 << 3)
        /// loopBlocked: for a good part of the time no CPU was free.
        package static let starved = Self(rawValue: 1 << 0)
        /// awaitPending: it waits for other tasks, which are told as well.
        package static let waitsForTasks = Self(rawValue: 1 << 0)
        /// awaitPending: at that moment the loop was at work.
        package static let loopIsBusy = Self(rawValue: 1 << 1)
        /// awaitPending: what the loop was run for does not wait for it.
        package static let inBackground = Self(rawValue: 1 << 2)
        /// closed: by its finalizer.
        package static let byFinalizer = Self(rawValue: 1 << 3)
        /// taskUnfinished: cancelled by `asyncio.run` or a Runner, which ends.
        package static let cancelledByRunner = Self(rawValue: 1 << 0)
        /// taskUnfinished: cancelled by the host, with its loop.
        package static let cancelledByHost = Self(rawValue: 1 << 1)
        /// taskUnfinished: on a loop that stays open and does not run.
        package static let leftFrozen = Self(rawValue: 1 << 2)
        /// taskUnfinished: on a loop that runs in another thread.
        package static let leftInThread = Self(rawValue: 1 << 3)
        /// taskUnfinished: an earlier invocation has left one of the same function.
        package static let leftBefore = Self(rawValue: 1 << 4)
        /// taskUnfinished, taskResumed: a gather() that failed has left it alone.
        package static let leftByGather = Self(rawValue: 1 << 6)
        /// taskUnfinished: it has not begun, on a loop that nobody has run in this invocation.
        package static let leftUnrun = Self(rawValue: 1 << 5)
        /// taskLeftAtClose, taskDestroyed: its coroutine has not run a single line.
        package static let neverBegun = Self(rawValue: 1 << 0)
        /// neverAwaited: the site is the call; else it is where the function is defined.
        package static let atCall = Self(rawValue: 1 << 0)
        /// neverAwaited: something was done with the coroutine at the site that only its result can do.
        package static let usedAsResult = Self(rawValue: 1 << 1)
        /// neverAwaited, with usedAsResult: given to gather() in a list.
        package static let givenInList = Self(rawValue: 1 << 2)
        /// slotLeftClosed: the user's code has looked whether the current loop was closed.
        package static let isMinded = Self(rawValue: 1 << 0)
        /// deprecatedApi: this Python has it no longer, or not yet.
        package static let isLacking = Self(rawValue: 1 << 0)
        /// ownLoopWait: nobody runs the loop.
        package static let loopIsIdle = Self(rawValue: 1 << 0)
        /// usedAfterClose: not by a method of the loop, but through a transport that had been its own.
        package static let throughTransport = Self(rawValue: 1 << 4)
        /// threadLeft: a daemon thread.
        package static let isDaemon = Self(rawValue: 1 << 0)
        /// threadLeft: a pool's; its lines are those that made the pools.
        package static let ofExecutor = Self(rawValue: 1 << 1)
        /// A suite of tests is over, and Python would wait for the thread for ever.
        package static let holdsExit = Self(rawValue: 1 << 2)
        /// childLeft: it has exited, and nobody has waited for it.
        package static let hasExited = Self(rawValue: 1 << 0)
        /// childLeft: the loop that it was started on was closed while it ran.
        package static let loopIsGone = Self(rawValue: 1 << 1)
        /// resourceUnclosed: collected by the garbage collector without having been closed.
        package static let wasCollected = Self(rawValue: 1 << 0)
        /// resourceUnclosed: a module of the user's keeps it.
        package static let isKept = Self(rawValue: 1 << 1)
        /// descriptors: the line is the handler's own, because it is not known which one opens them.
        package static let lineIsHandlers = Self(rawValue: 1 << 0)
        /// wrongLoop: a future or task was awaited as such, not through something that uses one.
        package static let isFuture = Self(rawValue: 1 << 0)
        /// wrongLoop: it was a library's object, which keeps a future of its own.
        package static let isClient = Self(rawValue: 1 << 1)
        /// executorReused: the default executor of a loop.
        package static let isDefaultExecutor = Self(rawValue: 1 << 0)
        /// executorReused: nobody had shut it down, the interpreter was ending.
        package static let atInterpreterExit = Self(rawValue: 1 << 1)
        /// nestedRun: the loop that was to run runs in another thread.
        package static let runsElsewhere = Self(rawValue: 1 << 0)
        /// nestedRun: uvloop has made a task of the coroutine, which runs all the same, in the loop that runs.
        package static let runsLater = Self(rawValue: 1 << 1)
        /// nestedRun: the caller still has the coroutine, and may run it otherwise.
        package static let mayRunOtherwise = Self(rawValue: 1 << 2)
        /// nestedRun: told of an attempt told before: its coroutine was dropped, or has not begun when the handler returns.
        package static let wasLost = Self(rawValue: 1 << 3)
        /// nestAsyncio: it could not be applied, as the loop is not asyncio's own.
        package static let wasRefused = Self(rawValue: 1 << 0)
        /// nestAsyncio: asyncio.run(loop_factory=...) failed, as the one that was put in its place does not know it.
        package static let hasNoFactory = Self(rawValue: 1 << 1)
        /// noCurrentLoop, noRunningLoop, asyncCmMisuse, cancelScopeMisuse: the error came out of the handler, by itself
        /// or as the cause of another.
        package static let hasEscaped = Self(rawValue: 1 << 0)
        /// The same four: another error came out, raised while this one was being handled.
        package static let wasCaught = Self(rawValue: 1 << 1)
        /// frozen, thawed: somebody has asked for this one; else the function freezes after each answer.
        package static let onRequest = Self(rawValue: 1 << 0)
        /// taskFrozen: nobody waits for it.
        package static let isForgotten = Self(rawValue: 1 << 0)
        /// taskThawed: it has come to its end.
        package static let hasEnded = Self(rawValue: 1 << 0)
        /// taskThawed, with hasEnded: by an exception.
        package static let hasFailed = Self(rawValue: 1 << 1)
        /// taskThawed, with hasEnded: it was cancelled.
        package static let wasCancelled = Self(rawValue: 1 << 2)
        /// taskThawed: a timer ended its wait, which had come due while it was frozen.
        package static let wasOverdue = Self(rawValue: 1 << 3)
        /// taskThawed, with hasFailed: nobody will look at the exception.
        package static let isUnnoticed = Self(rawValue: 1 << 4)
        /// noCurrentLoop: an `except` that names the error is around the line; no fault, but somebody asks.
        package static let isExpected = Self(rawValue: 1 << 2)
    }
}
