internal import LoopModel
internal import LoopOS
internal import LoopWire
internal import NIOCore
internal import NIOHTTP1

/// One connection to an environment's Runtime API: requests to calls, and answers to responses.
final class RuntimeAPIHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let wire: RuntimeAPIWire
    private let address: LoopbackAddress
    private var context: ChannelHandlerContext?
    /// The request that is being received or answered.
    private var request: Request?
    /// Whether the peer may say anything; found out with the first request.
    private var isTrusted: Bool?

    private struct Request {
        var call: Result<RuntimeAPICall, RuntimeAPIFailure>
        var body: RuntimeAPIBody
        var isLast: Bool
        var isWhole = false
    }

    init(wire: RuntimeAPIWire, address: LoopbackAddress) {
        self.wire = wire
        self.address = address
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        wire.opened(self)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        breakOff()
        self.context = nil
        wire.closed(self)
        context.fireChannelInactive()
    }

    /// What came was no HTTP, or its end never came.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let (wasBegun, isWhole) = (request != nil, request?.isWhole ?? false)
        breakOff()
        // Who has asked properly and goes on with nonsense has nothing to expect.
        guard error is HTTPParserError, !isWhole else { return context.close(promise: nil) }
        request = nil
        answer(wasBegun ? .truncatedRequest : .badRequest("This is no HTTP request that can be read"))
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            // One after the other: an answer could not be told from another's.
            guard request == nil else { return context.close(promise: nil) }
            let call = Result { () throws(RuntimeAPIFailure) in try begin(head) }
            request = Request(call: call, body: RuntimeAPIBody(head.headers), isLast: !head.isKeepAlive)
            // As curl asks before it sends more than a little.
            if head.headers.first(name: "expect")?.lowercased() == "100-continue" {
                let head = HTTPResponseHead(version: .http1_1, status: .continue)
                context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
            }
        case .body(let part): if case .success? = request?.call { request?.body.append(part) }
        case .end(let trailers):
            request?.isWhole = true
            request?.body.end(trailers)
            guard let request else { return }
            do throws(RuntimeAPIFailure) {
                try wire.received(try request.call.get(), request.body, on: self)
            } catch {
                answer(error)
            }
        }
    }

    private func begin(_ head: HTTPRequestHead) throws(RuntimeAPIFailure) -> RuntimeAPICall {
        try trust(head.headers)
        let call = try RuntimeAPICall(method: head.method.rawValue, target: head.uri)
        try wire.begin(call, mode: head.headers.first(name: RuntimeAPIHeaders.responseMode))
        return call
    }

    /// Refuses who is no process of this user, and browsers that a page has made to ask.
    ///
    /// The address is this environment's alone, and hard to guess; but everybody on this machine can connect to it.
    private func trust(_ headers: HTTPHeaders) throws(RuntimeAPIFailure) {
        if headers.contains(name: "origin") { throw .notForYou("The Runtime API is not for browsers") }
        if let host = headers.first(name: "host"), host != address.description,
            host != address.description.prefix(while: { $0 != ":" })
        {
            throw .notForYou("The Runtime API of this environment is at \(address)")
        }
        let trusted = isTrusted ?? isOwnUser
        isTrusted = trusted
        if !trusted { throw .notForYou("The Runtime API is for processes of this environment") }
    }

    private var isOwnUser: Bool {
        guard let peer = context?.channel.remoteAddress, let text = peer.ipAddress, let port = peer.port,
            let other = LoopbackAddress(text, port: UInt16(clamping: port))
        else { return false }
        return LoopbackPeer.user(of: other, connectedTo: address) == ThisProcess.effectiveUser
    }

    // MARK: Answers

    func answer(_ status: HTTPResponseStatus, headers: [(name: String, value: String)], body: ByteBuffer) {
        guard let context else { return }
        var head = HTTPResponseHead(version: .http1_1, status: status)
        for header in headers { head.headers.add(name: header.name, value: header.value) }
        head.headers.add(name: "Content-Length", value: "\(body.readableBytes)")
        let isLast = request?.isLast ?? true
        if isLast { head.headers.add(name: "Connection", value: "close") }
        request = nil
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if body.readableBytes > 0 { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        let end = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: end)
        if isLast {
            let channel = context.channel
            end.futureResult.whenComplete { _ in channel.close(promise: nil) }
        }
    }

    /// The usual answer to what was sent.
    func accept() { answer(.accepted, ["status": "OK"]) }

    private func answer(_ failure: RuntimeAPIFailure) {
        answer(HTTPResponseStatus(statusCode: failure.status), failure.json)
    }

    private func answer(_ status: HTTPResponseStatus, _ json: JSON) {
        answer(status, headers: [("Content-Type", "application/json")], body: ByteBuffer(string: json.text))
    }

    func close() { context?.close(promise: nil) }

    private func breakOff() {
        guard let request, !request.isWhole, case .success(let call) = request.call else { return }
        self.request = nil
        wire.brokeOff(call)
    }
}
