package import LoopModel

/// An error of the Lambda API, with the status, type and body that AWS answers with (facts: lambda §2).
package enum LambdaFailure: Error, Hashable, Sendable {
    /// The function, or the version or alias of it that was named; by its ARN.
    case functionNotFound(String)
    case unknownRoute(String)
    /// A name that no function can have.
    case invalidName(String)
    /// A header or parameter has a value that it cannot have.
    case invalidParameter(String)
    /// The payload is no JSON.
    case badPayload(JSONFailure)
    /// The client context is not what it has to be.
    case badClientContext(String)
    /// In bytes.
    case payloadTooLarge(Int, limit: Int, type: String)
    /// Every environment that the function may have is busy.
    case throttled(isReserved: Bool)
    case service(String)

    /// What stands in `x-amzn-errortype`.
    package var type: String {
        switch self {
        case .functionNotFound: "ResourceNotFoundException"
        case .unknownRoute: "UnknownOperationException"
        case .invalidName: "ValidationException"
        case .invalidParameter: "InvalidParameterValueException"
        case .badPayload, .badClientContext: "InvalidRequestContentException"
        case .payloadTooLarge: "RequestTooLargeException"
        case .throttled: "TooManyRequestsException"
        case .service: "ServiceException"
        }
    }

    package var status: Int {
        switch self {
        case .functionNotFound, .unknownRoute: 404
        case .invalidName, .invalidParameter, .badPayload, .badClientContext: 400
        case .payloadTooLarge: 413
        case .throttled: 429
        case .service: 500
        }
    }

    /// The body; AWS writes `Message` in one of them, and `message` in the others.
    package var json: JSON {
        switch self {
        case .functionNotFound(let arn): ["Type": "User", "Message": .string("Function not found: \(arn)")]
        case .unknownRoute(let path): ["message": .string("There is no operation at \(path).")]
        case .invalidName(let name):
            [
                "message": .string(
                    "1 validation error detected: Value '\(name)' at 'functionName' failed to satisfy constraint: "
                        + "Member must be a function's name, partial ARN or ARN"
                )
            ]
        case .invalidParameter(let message): ["message": .string(message)]
        case .badPayload(let failure):
            ["Type": "User", "message": .string("Could not parse request body into json: \(failure)")]
        case .badClientContext(let message): ["Type": "User", "message": .string(message)]
        case .payloadTooLarge(let size, let limit, let type):
            [
                "Type": "User",
                "message": .string(
                    "\(size) byte payload is too large for the \(type) invocation type (limit \(limit) bytes)"
                ),
            ]
        case .throttled(let isReserved):
            [
                "Reason": .string(
                    isReserved
                        ? "ReservedFunctionConcurrentInvocationLimitExceeded" : "ConcurrentInvocationLimitExceeded"
                ),
                "Type": "User",
                "message": "Rate Exceeded.",
            ]
        case .service(let message): ["Type": "Service", "message": .string(message)]
        }
    }
}
