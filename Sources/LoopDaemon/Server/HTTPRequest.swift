import NIOCore
import NIOHTTP1

/// One request, received as a whole.
struct HTTPRequest: Sendable {
    var head: HTTPRequestHead
    var body = ByteBuffer()
    /// How long the body was, in bytes; more than ``body`` has where the rest was taken away.
    var size = 0

    init(head: HTTPRequestHead) { self.head = head }

    /// Takes in what comes next of the body.
    ///
    /// What is beyond the limit is counted and not kept, so that the sender is answered and not cut off: a client that
    /// cannot send on does not read why.
    ///
    /// - Parameters:
    ///   - part: of the body.
    ///   - limit: how much of a body is kept, in bytes.
    mutating func append(_ part: ByteBuffer, limit: Int) {
        let rest = max(limit - size, 0)
        size += part.readableBytes
        guard var kept = part.getSlice(at: part.readerIndex, length: min(rest, part.readableBytes)) else { return }
        body.writeBuffer(&kept)
    }
}
