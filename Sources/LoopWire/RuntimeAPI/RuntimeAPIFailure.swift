package import LoopModel

/// Why a call of the Runtime API is refused, with the status and body that runtimes know (facts: lambda §1).
package enum RuntimeAPIFailure: Error, Hashable, Sendable {
    case unknownRoute(String)
    case wrongMethod(String, expected: String, path: String)
    /// No invocation has that id, or it has its answer already.
    case invalidRequestID
    /// The runtime may not ask this in its state.
    case invalidStateTransition(from: String, to: String)
    /// The answer is larger than ``limit``.
    case requestEntityTooLarge(limit: Int)
    /// The answer broke off.
    case truncatedRequest
    /// The response mode is none that there is.
    case invalidResponseMode
    /// What came is no HTTP request.
    case badRequest(String)
    /// The caller is no runtime of this environment; the text says why.
    case notForYou(String)

    package var status: Int {
        switch self {
        case .unknownRoute: 404
        case .wrongMethod: 405
        case .invalidRequestID, .truncatedRequest, .invalidResponseMode, .badRequest: 400
        case .invalidStateTransition, .notForYou: 403
        case .requestEntityTooLarge: 413
        }
    }

    /// What stands in the body's `errorType`.
    package var type: String {
        switch self {
        case .unknownRoute: "NotFound"
        case .wrongMethod: "MethodNotAllowed"
        case .invalidRequestID: "InvalidRequestID"
        case .invalidStateTransition: "InvalidStateTransition"
        case .requestEntityTooLarge: "RequestEntityTooLarge"
        case .truncatedRequest: "TruncatedHTTPRequest"
        case .invalidResponseMode: "InvalidFunctionResponseMode"
        case .badRequest: "BadRequest"
        case .notForYou: "Forbidden"
        }
    }

    private var message: String {
        switch self {
        case .unknownRoute(let path): "The Runtime API has nothing at \(path)"
        case .wrongMethod(let method, let expected, let path): "\(path) takes \(expected), not \(method)"
        case .invalidRequestID: "Invalid request ID"
        case .invalidStateTransition(let from, let to):
            "State transition from \(from) to \(to) failed for runtime. Error: State transition is not allowed"
        case .requestEntityTooLarge(let limit): "Exceeded maximum allowed payload size (\(limit) bytes)."
        case .truncatedRequest: "HTTP request detected as truncated"
        case .invalidResponseMode: "Invalid function response mode"
        case .badRequest(let what): what
        case .notForYou(let why): why
        }
    }

    /// The body.
    package var json: JSON { ["errorMessage": .string(message), "errorType": .string(type)] }
}
