import LoopModel
import NIOCore
import NIOHTTP1

/// What the service says to one request.
struct HTTPAnswer: Sendable {
    var status: Int
    var contentType: String
    var headers: [(String, String)]
    var body: ByteBuffer

    init(
        status: Int = 200,
        contentType: String = "application/json",
        headers: [(String, String)] = [],
        body: ByteBuffer
    ) {
        self.status = status
        self.contentType = contentType
        self.headers = headers
        self.body = body
    }

    init(status: Int = 200, contentType: String = "application/json", body: [UInt8]) {
        self.init(status: status, contentType: contentType, body: ByteBuffer(bytes: body))
    }

    init(_ json: JSON, status: Int = 200) {
        var bytes: [UInt8] = []
        json.write(to: &bytes)
        self.init(status: status, body: bytes)
    }

    /// Whether the names of all headers are such: some are a handler's own words.
    var hasProperHeaders: Bool {
        headers.allSatisfy { name, _ in !name.isEmpty && name.utf8.allSatisfy(Self.isOfName) }
    }

    /// Whether anything may follow the head (RFC 9110 §6.4.1).
    var mayHaveBody: Bool { HTTPResponseStatus(statusCode: status).mayHaveResponseBody }

    /// Appends the answer in HTTP/1.1.
    ///
    /// - Parameters:
    ///   - buffer: gets all of it.
    ///   - isLast: whether the connection is closed after it.
    ///   - leavesBody: whether the body is to be left out, as for HEAD.
    func write(to buffer: inout ByteBuffer, isLast: Bool, leavesBody: Bool) {
        let status = HTTPResponseStatus(statusCode: status)
        buffer.writeString("HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n")
        Self.write("content-type", contentType, to: &buffer)
        if status.mayHaveResponseBody { buffer.writeString("content-length: \(body.readableBytes)\r\n") }
        for (name, value) in headers { Self.write(name, value, to: &buffer) }
        if isLast { buffer.writeStaticString("connection: close\r\n") }
        buffer.writeStaticString("\r\n")
        if status.mayHaveResponseBody, !leavesBody { buffer.writeImmutableBuffer(body) }
    }

    private static func write(_ name: String, _ value: String, to buffer: inout ByteBuffer) {
        buffer.writeString(name)
        buffer.writeStaticString(": ")
        // A control character in a value could be the beginning of another header (RFC 9110 §5.5).
        if value.utf8.contains(where: { $0 < 0x20 && $0 != 9 || $0 == 0x7F }) {
            buffer.writeBytes(value.utf8.map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 })
        } else {
            buffer.writeString(value)
        }
        buffer.writeStaticString("\r\n")
    }

    /// A character of a token (RFC 9110 §5.6.2).
    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
