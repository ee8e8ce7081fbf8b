import NIOCore
import NIOHTTP1

/// One connection of an API: requests in, and one answer to each, in their order.
///
/// A plain handler, because every invocation crosses it twice: with tasks and streams between the socket and the runner
/// it took three times as long.
///
/// Safety: everything happens on the connection's event loop, to which ``Responder`` brings the answers.
final class HTTPConnection: ChannelDuplexHandler, @unchecked Sendable {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Requests that are read ahead of the answer to the one before them.
    private static let mostAhead = 8
    /// In bytes; a longer body is not copied behind its head.
    private static let shortBody = 16 << 10

    private let connections: HTTPConnections
    private var context: ChannelHandlerContext?
    /// The request whose end has not come yet.
    private var incoming: HTTPRequest?
    /// Requests that came before the answer to the one that is being served.
    private var waiting: CircularBuffer<HTTPRequest> = []
    private var serving: Serving?
    /// Whether more is to be read as soon as there is room.
    private var isReadHeld = false
    private var isClosing = false
    private var lastMove = NIODeadline.now()
    private var idleCheck: Scheduled<Void>?

    /// The request that is being served.
    private struct Serving {
        var isLast: Bool
        var leavesBody: Bool
    }

    init(_ connections: HTTPConnections) { self.connections = connections }

    // MARK: The channel's life

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        guard connections.add(self) else { return close() }
        checkIdleness(in: APIServer.idleLimit)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        isClosing = true
        idleCheck?.cancel()
        (incoming, serving) = (nil, nil)
        waiting.removeAll()
        connections.remove(self)
        context.fireChannelInactive()
    }

    /// Takes no more requests; the one that is being served is answered.
    func finish() {
        guard !isClosing else { return }
        if serving == nil { close() } else { serving?.isLast = true }
    }

    private func close() {
        isClosing = true
        context?.close(promise: nil)
    }

    /// Closes the connection when nothing moves on it, unless a request is being served: that may take longer.
    private func checkIdleness(in time: TimeAmount) {
        idleCheck = context?.eventLoop.scheduleTask(in: time) { [weak self] in
            guard let self else { return }
            let left = lastMove + APIServer.idleLimit - .now()
            if serving != nil {
                checkIdleness(in: APIServer.idleLimit)
            } else if left > .zero {
                checkIdleness(in: left)
            } else {
                close()
            }
        }
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isClosing else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            incoming = HTTPRequest(head: head)
            // As curl asks before it sends more than a little.
            if serving == nil, head.headers.first(name: "expect")?.lowercased() == "100-continue" {
                let encouragement = ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")
                context.writeAndFlush(wrapOutboundOut(encouragement), promise: nil)
            }
        case .body(let part): incoming?.append(part, limit: APIServer.bodyLimit)
        case .end:
            guard let request = incoming else { return }
            incoming = nil
            if serving == nil { serve(request) } else { waiting.append(request) }
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        lastMove = .now()
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if waiting.count < Self.mostAhead { context.read() } else { isReadHeld = true }
    }

    /// What came was no HTTP, or the connection broke.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        connections.note(error)
        guard error is HTTPParserError, !isClosing else { return close() }
        waiting.removeAll()
        // Who has asked properly and goes on with nonsense gets the answer to what was asked.
        guard serving == nil else {
            serving?.isLast = true
            return
        }
        isClosing = true
        let refusal = ByteBuffer(string: "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        write(refusal, isLast: true, on: context)
    }

    private func serve(_ request: HTTPRequest) {
        serving = Serving(isLast: !request.head.isKeepAlive, leavesBody: request.head.method == .HEAD)
        let eventLoop = context?.eventLoop
        connections.answer(
            request,
            Responder { answer in
                guard let eventLoop else { return }
                if eventLoop.inEventLoop { self.take(answer) } else { eventLoop.execute { self.take(answer) } }
            } perform: { [connections] work in
                connections.perform(work)
            }
        )
    }

    // MARK: Answers

    private func take(_ making: Responder.Answer) {
        // The client may have gone away; its invocation, if any, was recorded all the same.
        guard let serving, let context else { return }
        let answer = making()
        lastMove = .now()
        let isShort = answer.body.readableBytes <= Self.shortBody
        var bytes = context.channel.allocator.buffer(capacity: 512 + (isShort ? answer.body.readableBytes : 0))
        answer.write(to: &bytes, isLast: serving.isLast, leavesBody: serving.leavesBody || !isShort)
        let isWhole = isShort || serving.leavesBody || !answer.mayHaveBody
        if !isWhole {
            context.write(wrapOutboundOut(bytes), promise: nil)
            bytes = answer.body
        }
        isClosing = serving.isLast
        write(bytes, isLast: serving.isLast, on: context)
        self.serving = nil
        guard !serving.isLast else { return }
        if let next = waiting.popFirst() { serve(next) }
        if isReadHeld, waiting.count < Self.mostAhead {
            isReadHeld = false
            context.read()
        }
    }

    private func write(_ bytes: ByteBuffer, isLast: Bool, on context: ChannelHandlerContext) {
        guard isLast else { return context.writeAndFlush(wrapOutboundOut(bytes), promise: nil) }
        // What the channel has not sent when it is closed is lost.
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(bytes)).whenComplete { _ in channel.close(promise: nil) }
    }
}
