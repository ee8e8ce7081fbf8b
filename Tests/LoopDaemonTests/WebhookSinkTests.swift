import AsyncHTTPClient
import Foundation
import Logging
import LoopModel
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

@testable import LoopDaemon

@Suite("The webhook")
struct WebhookSinkTests {
    /// Delivers one alert to a receiver that answers with `status`, and says what came of it and what was received.
    private func deliver(
        answering status: HTTPResponseStatus,
        headers: HTTPHeaders = [:]
    ) async throws -> (failure: AlertDeliveryFailure?, request: HTTPRequestHead?, body: JSON?) {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let received = Received()
        let server = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(
                        NIOHTTPServerRequestAggregator(maxContentLength: 1 << 20)
                    )
                    try channel.pipeline.syncOperations.addHandler(Receiver(received, status: status, headers: headers))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = server.localAddress?.port ?? 0
        let client = HTTPClient(eventLoopGroupProvider: .shared(group))
        let sink = WebhookSink(
            webhook: Settings.Webhook(
                url: "http://127.0.0.1:\(port)/hook",
                headers: ["Authorization": "Bearer secret"],
                timeout: .seconds(20)
            ),
            client: client
        )
        var failure: AlertDeliveryFailure?
        do {
            try await sink.deliver(.sample)
        } catch {
            failure = error as? AlertDeliveryFailure
        }
        try await client.shutdown()
        try await server.close()
        try await group.shutdownGracefully()
        return (failure, received.head, try received.body.map { try JSONReader.value(of: $0) })
    }

    @Test("An alert is posted as JSON, with a text for people and the headers of the settings", .timeLimit(.minutes(5)))
    func posted() async throws {
        let (failure, request, body) = try await deliver(answering: .ok)
        #expect(failure == nil)
        #expect(request?.method == .POST)
        #expect(request?.uri == "/hook")
        #expect(request?.headers["authorization"] == ["Bearer secret"])
        #expect(request?.headers["content-type"] == ["application/json"])
        #expect(body?["rule"] == "leaked-loop")
        #expect(body?["event"] == "alert.new")
        #expect(body?["text"]?.stringValue?.hasPrefix("[error] orders: leaked-loop.") == true)
    }

    @Test("A receiver that is busy is asked again after the time it names", .timeLimit(.minutes(5)))
    func busy() async throws {
        let (failure, _, _) = try await deliver(answering: .tooManyRequests, headers: ["Retry-After": "7"])
        #expect(failure?.isPermanent == false)
        #expect(failure?.retryAfter == .seconds(7))
    }

    @Test("A receiver that refuses is not asked again", .timeLimit(.minutes(5)))
    func refused() async throws {
        let (failure, _, _) = try await deliver(answering: .forbidden)
        #expect(failure?.isPermanent == true)
        #expect("\(try #require(failure))".contains("403"))
    }

    @Test("A receiver that is not there is a failure that may pass", .timeLimit(.minutes(5)))
    func absent() async throws {
        let client = HTTPClient(eventLoopGroupProvider: .singleton)
        // Port 1 is nobody's.
        let webhook = Settings.Webhook(url: "http://127.0.0.1:1/", headers: [:], timeout: .seconds(1))
        let failure = await #expect(throws: AlertDeliveryFailure.self) {
            try await WebhookSink(webhook: webhook, client: client).deliver(.sample)
        }
        #expect(failure?.isPermanent == false)
        try await client.shutdown()
    }
}

extension AlertNotice {
    fileprivate static let sample = AlertNotice(
        alert: Alert(
            fingerprint: "0123",
            rule: "leaked-loop",
            severity: .error,
            function: FunctionName(sanitizing: "orders"),
            site: CodeLine(file: "handler.py", line: 4, function: "handler"),
            message: "It leaks.",
            advice: "Close it.",
            count: 1,
            firstSeen: WallTime(nanoseconds: 0),
            lastSeen: WallTime(nanoseconds: 0),
            state: .open
        ),
        kind: .new
    )
}

/// What the receiver got; written on its event loop before the answer, read after it.
private final class Received: @unchecked Sendable {
    var head: HTTPRequestHead?
    var body: [UInt8]?
}

private final class Receiver: ChannelInboundHandler {
    typealias InboundIn = NIOHTTPServerRequestFull
    typealias OutboundOut = HTTPServerResponsePart

    private let received: Received
    private let status: HTTPResponseStatus
    private let headers: HTTPHeaders

    init(_ received: Received, status: HTTPResponseStatus, headers: HTTPHeaders) {
        self.received = received
        self.status = status
        self.headers = headers
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let request = unwrapInboundIn(data)
        received.head = request.head
        received.body = request.body.map { Array(buffer: $0) }
        let head = HTTPResponseHead(
            version: .http1_1,
            status: status,
            headers: HTTPHeaders(headers.map { ($0.name, $0.value) } + [("content-length", "0")])
        )
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
