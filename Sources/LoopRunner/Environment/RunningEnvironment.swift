internal import LoopModel
internal import LoopOS
internal import LoopWire
internal import NIOCore

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
    /// When its process was asked for.
    var startedAt: Instant
    /// How far the pools' clock was ahead when the handler's clocks were last put forward, or at the start.
    var clockAhead = Duration.zero

    var record: EnvironmentRecord
    var state = State.starting
    var process: ChildProcess?
    var channel: (any Channel)?
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
    /// The processes that were stopped when it was frozen; none: it is not.
    var stopped: Set<Int32> = []
    /// Until the first invocation took it: what loading the handler cost.
    var initialization: Duration?
    /// What the worker answers while it is busy; nil: nothing.
    var answering: WorkerInfo.Answering?
    /// Over the invocation under way, once it takes long.
    var vigil: LoopVigil?
    var question: StackQuestion?
    /// Whether the invocation was asked what its tasks wait for.
    var askedForTasks = false
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
        /// ``end`` says why.
        case ending
    }

    init(
        slot: PoolStateMachine.Slot,
        pool: FunctionPool,
        runtime: (any Runtime)?,
        record: EnvironmentRecord,
        folder: String,
        startedAt: Instant
    ) {
        self.slot = slot
        self.pool = pool
        self.runtime = runtime
        self.record = record
        self.folder = folder
        self.startedAt = startedAt
        configuration = pool.configuration
        token = EnvironmentID.random().rawValue
    }

    var journal: String { "\(folder)/journal" }

    var family: ProcessFamily { ProcessFamily(name: record.id.rawValue) }

    var isFrozen: Bool { !stopped.isEmpty }

    /// Hands out what was received since the last call.
    func takeEvents() -> [LoopEvent] {
        defer { events = [] }
        return events
    }

    /// What the worker had not sent, as far as it goes; the rest of the file was never written.
    func readJournal() -> [UInt8] {
        guard process != nil, let descriptor = try? Descriptor.openForReading(journal) else { return [] }
        defer { Descriptor.close(descriptor) }
        var bytes = (try? Descriptor.read(descriptor, upTo: 64)) ?? []
        let end = min(JournalHeader.end(of: bytes.span.bytes) ?? 0, Self.journalSize)
        while bytes.count < end, let part = try? Descriptor.read(descriptor, upTo: end - bytes.count), !part.isEmpty {
            bytes += part
        }
        return bytes
    }

    /// In bytes, of which only those that are written take room.
    static let journalSize = 4 << 20

    /// Whether all that the handler was loaded from is as it was.
    var isFresh: Bool { files.allSatisfy(\.isUnchanged) }
}

extension FunctionConfiguration {
    /// The files that matter to the function before anything of it was loaded: the manifest and the handler's own.
    ///
    /// The worker names the rest when it has loaded them.
    var knownFiles: Set<String> {
        guard let dot = handler.lastIndex(of: ".") else { return [source] }
        let module = handler[..<dot].split(separator: ".").joined(separator: "/")
        return [source, "\(root)/\(module).py", "\(root)/\(module)/__init__.py"]
    }
}

/// A file as it was when it was loaded.
struct WatchedFile: Hashable, Sendable {
    let path: String
    /// In nanoseconds since 1970-01-01 UTC.
    let modified: Int64
    /// In bytes.
    let size: Int64

    init(path: String, modified: Int64, size: Int64) {
        self.path = path
        self.modified = modified
        self.size = size
    }

    /// A file as it is now; nil when there is none.
    init?(now path: String) {
        guard let stamp = FileStamp(path: path) else { return nil }
        self.init(path: path, modified: stamp.modified, size: stamp.size)
    }

    var isUnchanged: Bool {
        guard let stamp = FileStamp(path: path) else { return false }
        return stamp.modified == modified && stamp.size == size
    }
}
