import NIOCore
import NIOHTTP1

/// Takes the rest of a request's body away once it is too long, so that its sender is answered and not cut off: a client
/// that cannot send on does not read why.
final class BodyLimit: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    /// Says how long the body was, in trailers, which become headers; a client's own of that name is not passed on.
    private static let header = "x-loopwarden-body-size"

    private let limit: Int
    /// In bytes, of the request under way.
    private var size = 0

    /// - Parameter limit: how much of a body is passed on, in bytes.
    init(limit: Int) { self.limit = limit }

    /// How long a request's body was, in bytes; more than it has where the rest was taken away.
    static func size(of request: NIOHTTPServerRequestFull) -> Int {
        request.head.headers.first(name: header).flatMap { Int($0) } ?? request.body?.readableBytes ?? 0
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(var head):
            size = 0
            head.headers.remove(name: Self.header)
            // What comes later would refuse it by this word alone.
            if let length = head.headers.first(name: "content-length").flatMap({ Int($0) }), length > limit {
                head.headers.replaceOrAdd(name: "content-length", value: "\(limit)")
            }
            context.fireChannelRead(wrapInboundOut(.head(head)))
        case .body(var bytes):
            let rest = max(limit - size, 0)
            size += bytes.readableBytes
            if rest > 0, let part = bytes.readSlice(length: min(rest, bytes.readableBytes)) {
                context.fireChannelRead(wrapInboundOut(.body(part)))
            }
        case .end:
            let trailers: HTTPHeaders? = size > limit ? [Self.header: "\(size)"] : nil
            context.fireChannelRead(wrapInboundOut(.end(trailers)))
        }
    }
}
