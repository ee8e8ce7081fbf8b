package import LoopModel
package import NIOCore

/// What is asked of the runner: one invocation of one function.
package struct InvocationRequest: Sendable {
    package var id: InvocationID
    /// What the handler knows it by; that of its first try, for one that is tried again.
    package var requestID: InvocationID
    package var function: FunctionName
    /// The event, as JSON; passed on to the handler's process unread.
    package var payload: ByteBuffer
    /// Asks for a new environment even if a warm one is free.
    package var isCold: Bool
    /// Lambda's client context as JSON text; nil when there is none.
    package var clientContext: String?
    /// Lambda's Cognito identity as JSON text; nil when there is none.
    package var identity: String?
    /// What `_X_AMZN_TRACE_ID` is set to for the time of the invocation.
    package var traceID: String?
    /// How often the function has had the event, this time included; nil: it is not from a queue.
    package var attempt: Int?
    /// Whose data the function is to touch, as its context tells it; nil: nobody's in particular.
    package var tenantID: String?
    /// Whether the answer is to tell ``InvocationAnswer/peakMemory``.
    package var measuresMemory: Bool
    /// What is done to it on purpose; nil: nothing.
    package var fault: InvocationFault?
    /// How much time is to have passed before it that nobody waits for; only where the function's configuration has
    /// ``FunctionConfiguration/simulatesIdle``.
    package var idle: Duration
    /// The simulation that it is part of; nil: none.
    package var run: RunName?
    /// Whether it came by AWS Lambda's API: then what is recorded of AWS Lambda is to be seen, whatever the host.
    package var isOfLambda = false

    package init(
        id: InvocationID = .random(),
        requestID: InvocationID? = nil,
        function: FunctionName,
        payload: ByteBuffer,
        isCold: Bool = false,
        clientContext: String? = nil,
        identity: String? = nil,
        traceID: String? = nil,
        measuresMemory: Bool = false,
        fault: InvocationFault? = nil,
        idle: Duration = .zero,
        run: RunName? = nil
    ) {
        self.id = id
        self.requestID = requestID ?? id
        self.function = function
        self.payload = payload
        self.isCold = isCold
        self.clientContext = clientContext
        self.identity = identity
        self.traceID = traceID
        self.measuresMemory = measuresMemory
        self.fault = fault
        self.idle = idle
        self.run = run
    }
}

/// What comes back for an invocation that reached an environment.
package struct InvocationAnswer: Sendable {
    /// As it was stored.
    package var record: InvocationRecord
    /// The handler's result as JSON, or Lambda's error object.
    package var payload: ByteBuffer
    /// What the rules said of it.
    package var findings: [Finding]
    /// Whether what was asked for by ``InvocationRequest/fault`` was done: the handler may not have come that far.
    package var wasFaultApplied: Bool
    /// The most that the handler's process has held since its start, in bytes; nil where nobody asked, or it is gone.
    package var peakMemory: Int?
    /// Whether it failed because there is nothing to run the function with: no interpreter, or not its packages.
    package var isUnprepared: Bool

    package init(
        record: InvocationRecord,
        payload: ByteBuffer,
        findings: [Finding],
        wasFaultApplied: Bool = false,
        peakMemory: Int? = nil,
        isUnprepared: Bool = false
    ) {
        self.isUnprepared = isUnprepared
        self.record = record
        self.payload = payload
        self.findings = findings
        self.wasFaultApplied = wasFaultApplied
        self.peakMemory = peakMemory
    }
}

/// Why an invocation was not answered by a handler or its environment.
package enum InvocationRejection: Error, Hashable, Sendable, CustomStringConvertible {
    case unknownFunction(FunctionName)
    /// All environments are busy and as many invocations as the function allows are waiting.
    case queueFull(FunctionName, limit: Int)
    /// As many environments as are reserved for the function are busy.
    case reservedConcurrencyReached(FunctionName, limit: Int)
    /// More requests in a second than ten times what is reserved for the function.
    case requestRateReached(FunctionName, perSecond: Int)
    /// No environment is free, and the function has got new ones as fast as it may.
    case scalingRateReached(FunctionName, ScalingRate, isReserved: Bool)
    /// All functions together have as many invocations as the daemon's settings allow.
    case accountConcurrencyReached(limit: Int)
    case accountRequestRateReached(perSecond: Int)
    /// The runner is ending.
    case shuttingDown
    /// The function was removed while the invocation waited.
    case removed(FunctionName)
    /// The payload is larger than ``InvocationLimits/payload``; in bytes.
    case payloadTooLarge(Int)
    /// It ran, and its record could not be stored; what was recorded of it is lost.
    case notRecorded(InvocationID, reason: String)

    package var description: String {
        switch self {
        case .unknownFunction(let name): "There is no function “\(name)”."
        case .queueFull(let name, let limit):
            "Every environment of “\(name)” is busy and \(limit) invocations are waiting already."
        case .reservedConcurrencyReached(let name, 0):
            "The function “\(name)” takes no invocations: its reserved concurrency is 0."
        case .reservedConcurrencyReached(let name, let limit):
            "All \(limit) environments that are reserved for “\(name)” are busy."
        case .requestRateReached(let name, let rate):
            "“\(name)” takes \(rate) requests a second, ten times its reserved concurrency."
        case .scalingRateReached(let name, let rate, _):
            "Every environment of “\(name)” is busy, and it gets \(rate.environments) new ones in "
                + "\(rate.period.spoken) at most."
        case .accountConcurrencyReached(let limit):
            "All \(limit) invocations that the setting lambda.concurrency allows at once are under way."
        case .accountRequestRateReached(let rate):
            "\(rate) requests came in a second, ten times the setting lambda.concurrency."
        case .shuttingDown: "The daemon is shutting down."
        case .removed(let name): "The function “\(name)” was removed before the invocation began."
        case .payloadTooLarge(let size):
            "The event has \(size) bytes; the most is \(InvocationLimits.payload)."
        case .notRecorded(let id, let reason):
            "The invocation \(id) ran, but its record could not be stored: \(reason)."
        }
    }
}

extension InvocationRejection {
    /// What AWS Lambda calls it where there was no room for the invocation; nil: it is none of these.
    package var throttle: ThrottleReason? {
        switch self {
        case .queueFull, .accountConcurrencyReached, .scalingRateReached(_, _, isReserved: false): .concurrency
        case .reservedConcurrencyReached, .scalingRateReached(_, _, isReserved: true): .reservedConcurrency
        case .accountRequestRateReached: .requestRate
        case .requestRateReached: .reservedRequestRate
        default: nil
        }
    }

    /// Whether the same invocation may well be taken a moment later.
    package var isThrottle: Bool { throttle != nil }
}

/// The sizes at which AWS Lambda refuses, in bytes (facts: lambda §1).
package enum InvocationLimits {
    /// Of an event and of a result: 6 MiB and 100 bytes.
    package static let payload = 6_291_556
}
