internal import LoopModel
internal import LoopOS
internal import LoopWire

/// An invocation that failed without a word from the handler itself, in the shapes recorded from AWS Lambda
/// (facts: lambda §4).
struct InvocationFailure: Hashable, Sendable {
    var outcome: Outcome
    private var shape: Shape

    private enum Shape: Hashable {
        /// `RequestId: <id> Error: <text>`
        case runtime(type: String, text: String)
        /// `<time> <id> <text>`, without a type.
        case dated(type: String, text: String)
        case tooLarge
        /// The worker's own words.
        case payload([UInt8])
    }

    private init(_ outcome: Outcome, _ type: String, _ text: String) {
        self.outcome = outcome
        shape = .runtime(type: type, text: text)
    }

    private init(outcome: Outcome, shape: Shape) {
        self.outcome = outcome
        self.shape = shape
    }

    /// A result that is larger than Lambda takes.
    static let responseTooLarge = Self(outcome: .error, shape: .tooLarge)

    /// What is wrong with the words of a runtime, as AWS Lambda would say it.
    static func runtime(_ type: String, _ text: String) -> Self { Self(.error, type, text) }

    /// What the end of an environment means for the invocation that it had.
    ///
    /// - Parameters:
    ///   - end: of the environment.
    ///   - status: of its process; nil: it is not gone.
    ///   - configuration: of the function.
    ///   - epoch: the answers of which time are given where the function does not say.
    init(end: EnvironmentEnd, status: ExitStatus?, configuration: FunctionConfiguration, epoch: LambdaEpoch) {
        let epoch = configuration.epoch ?? epoch
        switch end {
        case .timedOut: self.init(timedOutAfter: configuration.timeout, epoch)
        case .initTimedOut: self.init(timedOutAfter: configuration.initTimeout, epoch)
        case .initFailed(let payload):
            self.init(outcome: .error, shape: .payload(payload))
        case .notLaunched(let reason):
            self.init(.error, "Runtime.InvalidEntrypoint", reason)
        case .channelLost:
            self.init(.crashed, "Runtime.ExitError", "Runtime closed its channel to the daemon")
        case .protocolBroken(let what):
            self.init(.crashed, "Runtime.ExitError", "Runtime broke the worker protocol: \(what)")
        case .replyTooLong:
            self = .responseTooLarge
        case .exited:
            self.init(.crashed, "Runtime.ExitError", Self.exited(status))
        case .killed, .retired, .terminated:
            self.init(.killed, "Runtime.Killed", "The daemon was shut down before the invocation ended")
        }
    }

    private init(timedOutAfter limit: Duration, _ epoch: LambdaEpoch) {
        let (type, text) = ("Sandbox.Timedout", Self.timedOut(after: limit))
        switch epoch {
        case .new: self.init(.timeout, type, text)
        case .old: self.init(outcome: .timeout, shape: .dated(type: type, text: text))
        }
    }

    /// What the history calls it.
    var type: String? {
        switch shape {
        case .runtime(let type, _), .dated(let type, _): type
        case .tooLarge: Self.tooLargeType
        case .payload(let payload): HandlerError(json: payload.span.bytes)?.errorType
        }
    }

    private static let tooLargeType = "Function.ResponseSizeTooLarge"

    /// The error object, and what the history keeps of it.
    func words(for id: InvocationID, at time: WallTime) -> (payload: [UInt8], error: HandlerError) {
        switch shape {
        case .dated(let type, let text):
            let message = "\(time.rfc3339) \(id) \(text)"
            let object: JSON = ["errorMessage": .string(message)]
            return (Array(object.text.utf8), HandlerError(errorMessage: message, errorType: type))
        case .runtime(let type, let text):
            let message = "RequestId: \(id) Error: \(text)"
            let object: JSON = ["errorType": .string(type), "errorMessage": .string(message)]
            return (Array(object.text.utf8), HandlerError(errorMessage: message, errorType: type))
        case .tooLarge:
            let type = Self.tooLargeType
            let message =
                "Response payload size exceeded maximum allowed payload size (\(InvocationLimits.payload) bytes)."
            let object: JSON = ["errorMessage": .string(message), "errorType": .string(type)]
            return (Array(object.text.utf8), HandlerError(errorMessage: message, errorType: type))
        case .payload(let payload):
            return (payload, HandlerError(json: payload.span.bytes) ?? HandlerError())
        }
    }

    private static func timedOut(after limit: Duration) -> String {
        let hundredths = (limit.nanoseconds + 5_000_000) / 10_000_000
        let fraction = hundredths % 100
        return "Task timed out after \(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction) seconds"
    }

    private static func exited(_ status: ExitStatus?) -> String {
        switch status {
        case .exited(0), nil: "Runtime exited without providing a reason"
        case .exited(let code): "Runtime exited with error: exit status \(code)"
        case .signaled(let number): "Runtime exited with error: signal: \(signalNames[number] ?? "signal \(number)")"
        }
    }

    /// As Go's `os.Signal` says them, because Lambda's supervisor is written in Go.
    private static let signalNames: [Int32: String] = [
        1: "hangup", 2: "interrupt", 3: "quit", 4: "illegal instruction", 5: "trace/breakpoint trap", 6: "aborted",
        7: "bus error", 8: "floating point exception", 9: "killed", 10: "user defined signal 1",
        11: "segmentation fault", 12: "user defined signal 2", 13: "broken pipe", 14: "alarm clock", 15: "terminated",
    ]
}
