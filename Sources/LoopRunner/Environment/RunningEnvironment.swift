internal import LoopModel
internal import LoopOS
internal import LoopWire

/// One environment while it exists, as the runner sees it.
///
/// Safety: other threads carry references to it back to the event loop, and only code on the loop looks inside.
final class RunningEnvironment: @unchecked Sendable {
    let slot: PoolStateMachine.Slot
    let pool: FunctionPool
    /// As it was when the environment was started.
    let configuration: FunctionConfiguration
    let runtime: (any Runtime)?
    /// What the process says to prove that it is the one that was started; used once.
    let token: String
    /// Of this environment alone; removed at its end.
    let folder: String
    /// Whether it was made before anybody wanted it, and with it the journal and the scratch folder.
    var hasFolder = false
    /// When its process was asked for.
    var startedAt: Instant
    /// How far the pools' clock was ahead when the handler's clocks were last put forward, or at the start.
    var clockAhead = Duration.zero

    var record: EnvironmentRecord
    var state = State.starting
    var process: ChildProcess?
    /// How it is talked to; nil until its program is known, and at its end.
    var wire: (any EnvironmentWire)?
    /// Whether a probe in its process writes a journal.
    var keepsJournal = true
    /// What its runtime has answered, and its caller has not got yet.
    var heldAnswer: HeldAnswer?
    var decoder = EventDecoder()
    /// Received, and not handed on yet.
    var events: [LoopEvent] = []
    /// What the handler was loaded from.
    var files: [WatchedFile] = []
    /// The invocation that it has, or that it is being started for.
    var invocation: RunningInvocation?
    var served = 0
    /// Whether the handler was loaded.
    var wasReady = false
    /// nil: it is not being frozen.
    var freeze: Freeze?
    /// Freezes that are over, and not handed on yet.
    var freezes: [FreezeSpan] = []
    /// Who waits until it is frozen, or will not be.
    var freezeWaiters: [CheckedContinuation<Void, Never>] = []
    /// Whether the worker may still tell what its first invocation has imported.
    var awaitsImports = false
    /// Why its process was started from a fresh interpreter though it was to be forked.
    var forkRefusal: String?
    /// Whether its worker can be asked what is alive.
    var tellsWhatIsAlive = false
    /// Kept over a reset.
    let place: EnvironmentPlace
    /// The invocation that it was started for.
    var ticket: PoolStateMachine.Ticket?
    /// To load the handler.
    var attempts = InitAttempts()
    var memory = EnvironmentMemory()
    /// Until the first invocation took it: what loading the handler cost.
    var initialization: Duration?
    /// What the worker answers while it is busy; nil: nothing.
    var answering: WorkerInfo.Answering?
    /// Over the invocation under way, once it takes long.
    var vigil: LoopVigil?
    var question: StackQuestion?
    /// Whether the invocation was asked what its tasks wait for.
    var askedForTasks = false
    /// Whether its process is to be spawned, whatever the function says.
    var isNeverForked = false
    /// Whether there is nothing to start it from.
    var isUnprepared = false
    /// When the runner does something about it.
    var deadline: Instant?

    var end: EnvironmentEnd?
    /// What is left to do before it is killed.
    var teardown: [Teardown.Step] = []
    var processEnd: ProcessEnd?

    enum State {
        /// The program is being found or started, or has not connected yet.
        case starting
        case initializing
        case idle
        case invoking
        /// It has answered, and has not asked for the next invocation yet.
        case answered
        /// ``end`` says why.
        case ending
    }

    init(
        slot: PoolStateMachine.Slot,
        pool: FunctionPool,
        runtime: (any Runtime)?,
        record: EnvironmentRecord,
        folder: String,
        startedAt: Instant,
        place: EnvironmentPlace,
        configuration: FunctionConfiguration? = nil
    ) {
        self.slot = slot
        self.pool = pool
        self.runtime = runtime
        self.record = record
        self.folder = folder
        self.startedAt = startedAt
        self.place = place
        self.configuration = configuration ?? pool.configuration
        token = EnvironmentID.random().rawValue
    }

    var journal: String { "\(folder)/\(EnvironmentFolders.journal)" }

    var family: ProcessFamily { ProcessFamily(name: record.id.rawValue) }

    /// Hands out what was received since the last call.
    func takeEvents() -> [LoopEvent] {
        if !freezes.isEmpty { insertFreezes() }
        defer { events = [] }
        return events
    }

    /// What the worker had not sent, as far as it goes; the rest of the file was never written.
    func readJournal() -> [UInt8] {
        guard process != nil, let descriptor = try? Descriptor.openForReading(journal) else { return [] }
        defer { Descriptor.close(descriptor) }
        var bytes = (try? Descriptor.read(descriptor, upTo: 64)) ?? []
        let end = min(JournalHeader.end(of: bytes.span.bytes) ?? 0, EnvironmentFolders.journalSize)
        while bytes.count < end, let part = try? Descriptor.read(descriptor, upTo: end - bytes.count), !part.isEmpty {
            bytes += part
        }
        return bytes
    }

    /// Whether all that the handler was loaded from is as it was.
    var isFresh: Bool { files.allSatisfy(\.isUnchanged) }
}

extension FunctionConfiguration {
    /// The files that matter to the function before anything of it was loaded: the manifest and the handler's own.
    ///
    /// The worker names the rest when it has loaded them.
    var knownFiles: Set<String> {
        if runtime == "provided" { return commandFiles.union([source]) }
        guard let dot = handler.lastIndex(of: ".") else { return [source] }
        let module = handler[..<dot].split(separator: ".").joined(separator: "/")
        return [source, "\(root)/\(module).py", "\(root)/\(module)/__init__.py"]
    }
}
