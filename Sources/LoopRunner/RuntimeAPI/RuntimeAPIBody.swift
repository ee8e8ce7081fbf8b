internal import LoopModel
internal import LoopWire
internal import NIOCore
internal import NIOHTTP1

/// What a runtime has sent with a request.
struct RuntimeAPIBody {
    var bytes = ByteBuffer()
    /// Whether more has come than is taken; what was too much is not in ``bytes``.
    var isTooLarge = false
    /// Whether the answer was sent bit by bit, with its fate at the end.
    var isStreamed = false
    /// What the request says that went wrong; nil where it says nothing.
    var errorType: String?
    /// The error object as a streamed answer gives it at its end, in base64.
    var errorBody: String?
    private var hasCause = false

    init() {}

    init(_ headers: HTTPHeaders) {
        isStreamed = headers.first(name: RuntimeAPIHeaders.responseMode) == RuntimeAPIHeaders.streaming
        errorType = headers.first(name: RuntimeAPIHeaders.errorType).map(RuntimeErrorType.valid)
        hasCause = headers.first(name: "content-type") == "application/vnd.aws.lambda.error.cause+json"
    }

    mutating func append(_ part: ByteBuffer) {
        guard !isTooLarge, bytes.readableBytes + part.readableBytes <= InvocationLimits.payload else {
            isTooLarge = true
            bytes.clear()
            return
        }
        bytes.writeImmutableBuffer(part)
    }

    /// Takes in what stands behind a streamed answer.
    mutating func end(_ trailers: HTTPHeaders?) {
        guard let trailers else { return }
        errorType = trailers.first(name: RuntimeAPIHeaders.errorType).map(RuntimeErrorType.valid) ?? errorType
        errorBody = trailers.first(name: RuntimeAPIHeaders.errorBody)
    }

    /// The error object, as far as the runtime has given one, and what the history keeps of it.
    var error: (payload: ByteBuffer, words: HandlerError) {
        var payload = errorBody.flatMap(RuntimeAPIHeaders.decodedBody).map { ByteBuffer(bytes: $0) } ?? bytes
        if hasCause { payload = withoutCause }
        if isTooLarge || payload.readableBytes == 0 {
            let object: JSON = ["errorMessage": "", "errorType": .string(errorType ?? "Runtime.Unknown")]
            payload = ByteBuffer(string: object.text)
        }
        var words = HandlerError(json: payload.readableBytesSpan) ?? HandlerError()
        if words.errorType?.isEmpty != false { words.errorType = errorType ?? "Runtime.Unknown" }
        return (payload, words)
    }

    /// An error object without what is meant for tracing.
    private var withoutCause: ByteBuffer {
        guard case .object(let members)? = try? JSONReader.value(of: Array(bytes.readableBytesView)) else {
            return ByteBuffer(string: "\"Invalid error body\"")
        }
        let kept = members.filter { ["errorMessage", "errorType", "stackTrace"].contains($0.key) }
        return ByteBuffer(string: JSON.object(kept).text)
    }
}
