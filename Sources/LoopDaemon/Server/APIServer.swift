import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle

/// Serves an API: HTTP/1.1 on a socket that is already bound and listening.
struct APIServer: Service {
    /// Answers one request, at once or later; called on the server's event loop, and must not block it.
    typealias Answering = @Sendable (HTTPRequest, Responder) -> Void

    /// AWS Lambda's limit for a synchronous payload (6 MB), and room for the rest of a request.
    static let bodyLimit = 6 << 20 + 64 << 10
    /// A connection that says nothing for so long is closed, and so is one that dawdles over a request.
    static let idleLimit = TimeAmount.minutes(5)

    private let connections: HTTPConnections
    private let socket: CInt
    private let eventLoop: any EventLoop

    /// The socket is the server's own from here on.
    init(socket: CInt, eventLoop: any EventLoop, logger: Logger, answer: @escaping Answering) {
        connections = HTTPConnections(logger: logger, answer: answer)
        self.socket = socket
        self.eventLoop = eventLoop
    }

    /// Serves until a graceful shutdown; then takes no new connections and lets running requests finish.
    func run() async throws {
        let listener = try await ServerBootstrap(group: eventLoop)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    // With no descriptor left, connections wait instead of being asked for again and again.
                    try channel.pipeline.syncOperations.addHandler(AcceptBackoffHandler())
                }
            }
            .childChannelInitializer { [connections] channel in
                channel.eventLoop.makeCompletedFuture { try Self.configure(channel, of: connections) }
            }
            .withBoundSocket(socket)
            .get()
        listener.closeFuture.whenComplete { [connections] _ in connections.finish() }
        let executor = EventLoopTaskExecutor(eventLoop)
        await withTaskCancellationOrGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                for await work in connections.works {
                    group.addTask(executorPreference: executor) { await work() }
                }
            }
        } onCancelOrGracefulShutdown: {
            listener.close(promise: nil)
        }
    }

    private static func configure(_ channel: any Channel, of connections: HTTPConnections) throws {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)))
        try pipeline.addHandler(HTTPConnection(connections))
    }
}
