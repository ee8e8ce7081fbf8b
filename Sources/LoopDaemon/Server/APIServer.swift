import Logging
import LoopModel
import LoopOS
import LoopWire
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle

/// Serves an API: HTTP/1.1 on a socket that is already bound and listening.
struct APIServer: Service {
    typealias Answering = @Sendable (NIOHTTPServerRequestFull) async -> HTTPAnswer

    /// AWS Lambda's limit for a synchronous payload (6 MB), and room for the rest of a request.
    static let bodyLimit = 6 << 20 + 64 << 10
    /// A connection that says nothing for so long is closed, and so is one that dawdles over a request.
    static let idleLimit = TimeAmount.minutes(5)

    private let answer: Answering
    private let socket: CInt
    private let eventLoop: any EventLoop
    private let logger: Logger

    /// The socket is the server's own from here on.
    init(socket: CInt, eventLoop: any EventLoop, logger: Logger, answer: @escaping Answering) {
        self.answer = answer
        self.socket = socket
        self.eventLoop = eventLoop
        self.logger = logger
    }

    private typealias Connection = NIOAsyncChannel<NIOHTTPServerRequestFull, HTTPServerResponsePart>

    /// Serves until a graceful shutdown; then takes no new connections and lets running requests finish.
    func run() async throws {
        // A connection that is accepted and never taken up, because the daemon is ending, would trap as it goes
        // ("Deinited NIOAsyncWriter without calling finish()"); so each is held until it is.
        let waiting = Locked<[ObjectIdentifier: Connection]>([:])
        let listener = try await ServerBootstrap(group: eventLoop).bind(socket) { channel in
            channel.eventLoop.makeCompletedFuture {
                let connection = try Self.configure(channel)
                waiting.withLock { $0[ObjectIdentifier(channel)] = connection }
                return connection
            }
        }
        let executor = EventLoopTaskExecutor(eventLoop)
        try await withTaskExecutorPreference(executor) {
            try await listener.executeThenClose { connections in
                try await withGracefulShutdownHandler {
                    try await withThrowingDiscardingTaskGroup { group in
                        for try await connection in connections {
                            waiting.withLock { $0[ObjectIdentifier(connection.channel)] = nil }
                            group.addTask(executorPreference: executor) { await serve(connection) }
                        }
                    }
                } onGracefulShutdown: {
                    listener.channel.close(promise: nil)
                }
            }
            for connection in waiting.withLock({ $0.values.map(\.self) }) {
                try? await connection.executeThenClose { _, _ in }
            }
        }
    }

    private static func configure(_ channel: any Channel) throws -> Connection {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(IdleStateHandler(allTimeout: idleLimit))
        try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: false)
        try pipeline.addHandler(BodyLimit(limit: bodyLimit))
        try pipeline.addHandler(NIOHTTPServerRequestAggregator(maxContentLength: bodyLimit))
        try pipeline.addHandler(IdleConnectionCloser())
        return try Connection(wrappingChannelSynchronously: channel)
    }

    private func serve(_ connection: Connection) async {
        do {
            try await connection.executeThenClose { requests, responses in
                for try await request in requests.cancelOnGracefulShutdown() {
                    let isLast = !request.head.isKeepAlive || Task.isShuttingDownGracefully
                    let answer = await answer(request)
                    try await write(answer, to: request.head, isLast: isLast, on: responses, of: connection.channel)
                    if isLast { break }
                }
            }
        } catch {
            // The client went away or spoke nonsense; its invocation, if any, was recorded all the same.
            logger.debug("A connection ended", metadata: ["error": "\(error)"])
        }
    }

    private func write(
        _ answer: HTTPAnswer,
        to request: HTTPRequestHead,
        isLast: Bool,
        on responses: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>,
        of channel: any Channel
    ) async throws {
        var head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: answer.status))
        head.headers.add(name: "content-type", value: answer.contentType)
        head.headers.add(name: "content-length", value: String(answer.body.count))
        for (name, value) in answer.headers { head.headers.add(name: name, value: value) }
        if isLast { head.headers.add(name: "connection", value: "close") }
        var parts: [HTTPServerResponsePart] = [.head(head)]
        if request.method != .HEAD, !answer.body.isEmpty {
            parts.append(.body(.byteBuffer(channel.allocator.buffer(bytes: answer.body))))
        }
        guard isLast else {
            parts.append(.end(nil))
            try await responses.write(contentsOf: parts)
            return
        }
        // The connection is closed next, and what it has not sent by then is lost.
        try await responses.write(contentsOf: parts)
        try await channel.writeAndFlush(HTTPServerResponsePart.end(nil)).get()
    }
}

/// What the service says to one request.
struct HTTPAnswer: Sendable {
    var status = 200
    var contentType = "application/json"
    var headers: [(String, String)] = []
    var body: [UInt8]
}

extension HTTPAnswer {
    init(_ json: JSON, status: Int = 200) {
        var bytes: [UInt8] = []
        json.write(to: &bytes)
        self.init(status: status, body: bytes)
    }
}

/// Closes a connection on which nothing has moved for the time that the idle handler allows, unless a request is being
/// served: an invocation may take longer.
private final class IdleConnectionCloser: ChannelDuplexHandler {
    typealias InboundIn = NIOHTTPServerRequestFull
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private var isServing = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isServing = true
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { isServing = false }
        context.write(data, promise: promise)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent, !isServing { return context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }
}
