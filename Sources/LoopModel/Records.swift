/// Why an invocation was cold.
package enum ColdStartCause: String, Sendable, Codable, CaseIterable {
    /// The function had never been invoked in this daemon's life.
    case first
    /// Every environment was busy, and the function's concurrency allowed another.
    case scaleOut = "scale-out"
    /// The caller asked for it.
    case requested
    /// The plugin's files changed since the last environment was started.
    case codeChange = "code change"
    /// The last environment had been idle for its keep-alive time.
    case idleReaped = "idle reaped"
    /// The last environment was reset because an invocation ran out of time.
    case timeout
    /// The last environment's process ended.
    case exit
    /// The last environment was killed because it held more memory than its function has.
    case memoryLimit = "memory limit"
    /// The last environment could not load the handler.
    case initFailure = "init failure"
    /// The environment was one of those that are kept ready: the handler had been loaded before anybody asked.
    case provisioned
    /// The environment was started ahead of an invocation that the keep-alive policy expected.
    case preWarmed = "pre-warmed"

    /// Whether the handler was loaded before the invocation came, which did not wait for it.
    package var isAhead: Bool { self == .provisioned || self == .preWarmed }

    /// How AWS Lambda calls the way in which the environment comes to be (facts: lambda §6).
    package var initializationType: String { self == .provisioned ? "provisioned-concurrency" : "on-demand" }
}

/// The terminal state of an invocation: exactly one, whatever the handler does.
package enum Outcome: String, Sendable, Codable, CaseIterable {
    case ok
    /// The handler, or loading it, raised.
    case error
    case timeout
    /// The process ended, or broke the worker protocol, before an answer.
    case crashed
    /// Ended by an operator or by the daemon's own shutdown.
    case killed
    /// A daemon died while it ran; closed when the next one started.
    case lost
    /// Never ran: the queue was full or the daemon was shutting down.
    case rejected
}

/// One invocation as the history keeps it.
package struct InvocationRecord: Hashable, Sendable {
    package var id: InvocationID
    package var function: FunctionName
    /// nil for an invocation that never got an environment.
    package var environment: EnvironmentID?
    /// Counted from 0 in its environment.
    package var ordinal: Int?
    package var isCold: Bool
    package var cause: ColdStartCause?
    /// nil while it runs.
    package var outcome: Outcome?
    package var errorType: String?
    package var errorMessage: String?
    /// Lambda's `stackTrace`, one line of text an entry, joined by line feeds; bounded.
    package var stackTrace: String?
    package var requestedAt: WallTime
    /// From the request to the start of the handler or of its environment.
    package var queued: Duration
    /// Loading the interpreter and the handler, all attempts together; nil when warm.
    package var initialization: Duration?
    /// The attempts to load the handler, where it was not done by the first one in its own phase.
    package var inits: [InitReport] = []
    /// The handler's own time, as its worker measured it; up to the end for one that never answered.
    package var duration: Duration
    /// In bytes.
    package var requestSize: Int
    /// In bytes.
    package var responseSize: Int
    /// The last of what the handler printed; bounded.
    package var logTail: String
    package var log = InvocationLog()
    /// The simulation that it was part of; nil: none.
    package var run: RunName?
    /// What its caller and its handler know it by, where that is not ``id``: then it is another try of the same event.
    package var requestID: InvocationID?
    /// How often the function had had the event, this time included; nil: it was not from the queue.
    package var attempt: Int?
    /// How long its environment had been frozen before it; nil: not at all, or it is not known yet.
    package var frozen: Duration?

    /// The most memory that its environment had held when it ended, in bytes; nil where nobody has looked.
    ///
    /// Over all of the environment's invocations, as AWS Lambda counts.
    package var peakMemory: Int?
    /// The limit that its environment was killed for, in bytes; nil: it was not.
    package var exceededMemory: Int?

    package init(id: InvocationID, function: FunctionName, requestedAt: WallTime) {
        self.id = id
        self.function = function
        self.requestedAt = requestedAt
        environment = nil
        ordinal = nil
        isCold = false
        cause = nil
        outcome = nil
        errorType = nil
        errorMessage = nil
        stackTrace = nil
        queued = .zero
        initialization = nil
        duration = .zero
        requestSize = 0
        responseSize = 0
        logTail = ""
    }
}

extension InvocationRecord {
    /// Its error in a line, such as `KeyError: 'item'`.
    package var errorText: String {
        let message = errorMessage.map { $0.withoutRequest }
        let text = [errorType, message].compactMap(\.self).filter { !$0.isEmpty }.joined(separator: ": ")
        return text.isEmpty ? outcome?.rawValue ?? "failed" : text
    }
}

extension String {
    /// An error's text without the request that AWS Lambda puts before some: `RequestId: 6d0a… Error: `.
    var withoutRequest: String {
        guard hasPrefix("RequestId: "), let end = firstRange(of: " Error: ") else { return self }
        return String(self[end.upperBound...])
    }
}

/// What an environment is and was: the facts that rules and reports need beside its events.
package struct EnvironmentRecord: Hashable, Sendable {
    package var id: EnvironmentID
    package var function: FunctionName
    package var host: HostProfile
    package var loop: LoopImplementation
    package var start: StartMode
    package var cause: ColdStartCause
    package var startedAt: WallTime
    /// For example `3.11.7`; empty until the worker has said it.
    package var pythonVersion = ""
    package var processID: Int32 = 0
    /// The most descriptors its process may hold; 0 when not known.
    package var descriptorLimit = 0
    /// The descriptors it held when the handler was loaded; 0 when not known.
    package var descriptorsAtReady = 0
    /// Detections that are off, with the reason, as the probe said.
    package var disabledHooks: [String] = []
    package var endedAt: WallTime?
    /// For example `idle reaped`, `exit status 3`, `signal 9`.
    package var end: String?
    /// The environment that was reset and goes on as this one: log stream and scratch folder are the same, memory is
    /// not.
    package var predecessor: EnvironmentID?
    /// The log stream of that environment; nil: it has one of its own.
    package var inheritedLogStream: String?
    /// nil while it lives.
    package var shutdownReason: ShutdownReason?
    /// How its log is written; nil: as usual.
    package var logStyle: LogStyle?
    /// The last of what it printed after its last invocation; bounded.
    package var lastOutput = ""

    package init(
        id: EnvironmentID,
        function: FunctionName,
        host: HostProfile,
        loop: LoopImplementation,
        start: StartMode,
        cause: ColdStartCause,
        startedAt: WallTime
    ) {
        self.id = id
        self.function = function
        self.host = host
        self.loop = loop
        self.start = start
        self.cause = cause
        self.startedAt = startedAt
    }
}
