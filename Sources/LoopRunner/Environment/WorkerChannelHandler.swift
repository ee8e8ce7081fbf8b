internal import LoopWire
internal import NIOCore

/// One connection to the workers' socket: bytes to frames, and frames to the runner.
final class WorkerChannelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// How long a connection may stay without having said who it is.
    private static let patience = TimeAmount.seconds(10)

    private let runner: Runner
    /// Whose end of the channel was there before there was an environment; nil: who connects, and says for which.
    private let forked: ForkedWorker?
    private var connected: WorkerWire?
    /// The beginning of a frame whose end has not come yet.
    private var unread: ByteBuffer?
    private var impatience: Scheduled<Void>?
    private var isClosing = false

    init(runner: Runner, forked: ForkedWorker? = nil) {
        self.runner = runner
        self.forked = forked
    }

    private var wire: WorkerWire? { connected ?? forked?.wire }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        guard forked == nil else { return context.fireChannelActive() }
        impatience = context.eventLoop.scheduleTask(in: Self.patience) { channel.close(promise: nil) }
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if var before = unread {
            before.writeBuffer(&bytes)
            bytes = before
            unread = nil
        }
        do throws(WireFailure) {
            while !isClosing, let frame = try WorkerFrame.next(in: bytes.readableBytesSpan) {
                try take(frame, in: bytes, context: context)
                bytes.moveReaderIndex(forwardBy: frame.body.upperBound)
            }
        } catch {
            isClosing = true
            if let wire { runner.assumeIsolated { $0.protocolBroken(by: wire.environment, error) } }
            context.close(promise: nil)
        }
        if bytes.readableBytes > 0 {
            bytes.discardReadBytes()
            unread = bytes
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        impatience?.cancel()
        if let wire {
            runner.assumeIsolated { $0.channelClosed(wire) }
        } else {
            forked?.discard()
        }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func take(
        _ frame: WorkerFrame,
        in bytes: ByteBuffer,
        context: ChannelHandlerContext
    )
        throws(WireFailure)
    {
        let message = try WorkerMessage(frame, in: bytes.readableBytesSpan)
        if let forked, forked.hello == nil {
            guard case .hello(let hello) = message else { throw .malformed("a fork that does not say hello") }
            forked.hello = hello
            if let wire { runner.assumeIsolated { _ = $0.greeted(wire.environment, hello) } }
            return
        }
        if let wire {
            runner.assumeIsolated { $0.received(message, in: bytes, from: wire.environment) }
            return
        }
        guard forked == nil, case .hello(let hello) = message else {
            throw .malformed("a connection that does not say hello")
        }
        impatience?.cancel()
        let channel = context.channel
        connected = runner.assumeIsolated { $0.connected(hello, on: channel) }
        // An unknown token is not answered.
        if connected == nil {
            isClosing = true
            context.close(promise: nil)
        }
    }
}
