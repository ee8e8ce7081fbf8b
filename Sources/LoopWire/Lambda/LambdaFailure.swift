package import LoopModel

/// An error of the Lambda API, with the status, type and body that AWS answers with (facts: lambda §2).
package enum LambdaFailure: Error, Hashable, Sendable {
    /// The function, or the version or alias of it that was named; by its ARN.
    case functionNotFound(String)
    /// Method and path.
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
    /// The content type says that the payload is no JSON.
    case unsupportedMediaType(String)
    /// The function cannot be invoked as it is, for example while its packages are being installed.
    case notNow(String)
    /// There is nothing with which the function could be run.
    case noRuntime(String)
    /// There is no room for it at present.
    case throttled(ThrottleReason)
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
        case .unsupportedMediaType: "UnsupportedMediaTypeException"
        case .notNow: "ResourceConflictException"
        case .noRuntime: "InvalidRuntimeException"
        case .throttled: "TooManyRequestsException"
        case .service: "ServiceException"
        }
    }

    package var status: Int {
        switch self {
        case .functionNotFound, .unknownRoute: 404
        case .invalidName, .invalidParameter, .badPayload, .badClientContext: 400
        case .notNow: 409
        case .payloadTooLarge: 413
        case .unsupportedMediaType: 415
        case .throttled: 429
        case .service: 500
        case .noRuntime: 502
        }
    }

    /// The body; AWS writes `Message` in one of them, and `message` in the others.
    package var json: JSON {
        switch self {
        case .functionNotFound(let arn): ["Type": "User", "Message": .string("Function not found: \(arn)")]
        case .unknownRoute(let route):
            [
                "message": .string(
                    "Nothing is served at \(route). Functions are plugin folders, to be changed there; of AWS Lambda's "
                        + "operations there are \(LambdaRequest.operations.joined(separator: ", "))."
                )
            ]
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
        case .unsupportedMediaType(let type):
            [
                "Type": "User",
                "message": .string("The content type of the request body is \(type); expected is application/json."),
            ]
        case .notNow(let state):
            [
                "Type": "User",
                "message": .string(
                    "The operation cannot be performed at this time. The function is currently in the following state: "
                        + state
                ),
            ]
        case .noRuntime(let reason): ["Type": "User", "Message": .string(reason)]
        case .throttled(let reason):
            ["Reason": .string(reason.rawValue), "Type": "User", "message": "Rate Exceeded."]
        case .service(let message): ["Type": "Service", "message": .string(message)]
        }
    }
}
