internal import LoopModel
internal import LoopOS
internal import LoopWire
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// The Runtime API of one environment (facts: lambda §1), on a loopback address of its own.
///
/// The runtime asks for an invocation, and the invocation is the answer: what the runner hands over waits here until
/// the runtime asks, and who asks waits until there is something.
///
/// Safety: everything happens on the runner's event loop; closures that are called there carry references to it.
final class RuntimeAPIWire: EnvironmentWire, @unchecked Sendable {
    let environment: RunningEnvironment
    let variables: [String: String]
    private let runner: Runner
    private let address: LoopbackAddress
    private var state = RuntimeAPIState()
    private var listener: (any Channel)?
    private var connections: [RuntimeAPIHandler] = []
    /// Who have asked for an invocation, the first first.
    private var asking: [RuntimeAPIHandler] = []
    /// What the runtime has, or is to get when it asks.
    private var handed: HandedInvocation?
    /// When it got that.
    private var handedAt: Instant?
    private var isClosed = false

    /// Listens at once, so that the process can be started.
    ///
    /// - Parameters:
    ///   - environment: whose runtime will ask.
    ///   - runner: is told what the runtime says.
    /// - Throws: when this machine has no address for it.
    init(_ environment: RunningEnvironment, of runner: Runner) throws(SocketFailure) {
        self.environment = environment
        self.runner = runner
        let socket: Int32
        (socket, address) = try Self.listen()
        var variables = ["AWS_LAMBDA_RUNTIME_API": address.description]
        if environment.keepsJournal { variables["LOOPWARDEN_SETTINGS"] = environment.settingsFile }
        self.variables = variables
        let isOurs = address
        let server = ServerBootstrap(group: runner.eventLoop)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline(
                        withPipeliningAssistance: false,
                        withErrorHandling: false
                    )
                    try pipeline.addHandler(RuntimeAPIHandler(wire: self, address: isOurs))
                }
            }
            .withBoundSocket(socket)
        server.whenComplete { [self] result in
            switch result {
            case .success(let channel): if isClosed { channel.close(promise: nil) } else { listener = channel }
            case .failure(let error):
                runner.assumeIsolated { $0.kill(environment, because: .notLaunched("no Runtime API: \(error)")) }
            }
        }
    }

    /// The port where there is one: the address tells environments apart, as it does on AWS Lambda.
    private static let port: UInt16 = 9001

    /// An address that nobody uses, and nobody can guess.
    private static func listen() throws(SocketFailure) -> (Int32, LoopbackAddress) {
        for _ in 0..<8 { if let socket = try? LoopbackSocket.listen(on: random(port: port)) { return socket } }
        // Somebody has the port on every address.
        return try LoopbackSocket.listen(on: random(port: 0))
    }

    private static func random(port: UInt16) -> LoopbackAddress {
        // Not among the addresses that resolvers and other services have at the beginning.
        LoopbackAddress((.random(in: 16...254), .random(in: 0...255), .random(in: 1...254)), port: port)
    }

    // MARK: What the runner wants

    var isOpen: Bool { !connections.isEmpty }

    func send(_ invocation: HandedInvocation) {
        handed = invocation
        handedAt = nil
        state.began(invocation.request.requestID.rawValue)
        guard !asking.isEmpty else { return }
        deliver(to: asking.removeFirst())
    }

    func askToEnd(_ reason: String) -> Bool { false }

    func close() {
        isClosed = true
        listener?.close(promise: nil)
        listener = nil
        for connection in connections { connection.close() }
        asking = []
    }

    private func deliver(to connection: RuntimeAPIHandler) {
        guard let handed else { return }
        if handedAt == nil { handedAt = Runner.now() }
        let request = handed.request
        connection.answer(
            .ok,
            headers: RuntimeAPIHeaders.invocation(
                id: request.requestID.rawValue,
                deadline: handed.wallDeadline,
                arn: handed.arn,
                traceID: request.traceID,
                clientContext: request.clientContext,
                identity: request.identity,
                tenantID: request.tenantID
            ),
            body: request.payload
        )
    }

    // MARK: What the runtime says

    func opened(_ connection: RuntimeAPIHandler) {
        if isClosed { connection.close() } else { connections.append(connection) }
    }

    func closed(_ connection: RuntimeAPIHandler) {
        connections.removeAll { $0 === connection }
        asking.removeAll { $0 === connection }
        if connections.isEmpty { runner.assumeIsolated { $0.runtimeIsSilent(environment) } }
    }

    /// A request begins.
    ///
    /// - Throws: when it may not; its body is read nevertheless, and nothing is done with it.
    func begin(_ call: RuntimeAPICall, mode: String?) throws(RuntimeAPIFailure) {
        guard case .response(let id) = call else {
            if case .error(let id) = call { try state.answer(id, isError: true) }
            return
        }
        try state.answer(id, isError: false)
        guard let mode, mode != RuntimeAPIHeaders.streaming else { return }
        answered(.failed(.function("Runtime.InvalidResponseModeHeader", "Unknown response mode \"\(mode)\"")))
        throw .invalidResponseMode
    }

    /// A request is there as a whole.
    ///
    /// - Throws: when it is refused.
    func received(
        _ call: RuntimeAPICall,
        _ body: RuntimeAPIBody,
        on connection: RuntimeAPIHandler
    )
        throws(RuntimeAPIFailure)
    {
        switch call {
        case .ping: connection.answer(.ok, headers: [("Content-Type", "text/plain")], body: ByteBuffer(string: "pong"))
        case .next: try next(connection)
        case .response: try respond(body, on: connection)
        case .error:
            answered(.failed(.reported(body)))
            connection.accept()
        case .initError:
            try state.initError()
            failed(body, on: connection)
        case .restoreNext:
            try state.restoreNext()
            // Nothing is ever snapshotted: it is restored at once.
            connection.answer(.ok, headers: [], body: ByteBuffer())
        case .restoreError:
            try state.restoreError()
            failed(body, on: connection)
        }
    }

    /// The connection ended in the middle of an answer.
    func brokeOff(_ call: RuntimeAPICall) {
        guard case .response = call else { return }
        answered(.failed(.function("Runtime.TruncatedResponse", "The runtime's answer broke off")))
    }

    private func next(_ connection: RuntimeAPIHandler) throws(RuntimeAPIFailure) {
        switch try state.next() {
        case .again: deliver(to: connection)
        case .waiting: asking.append(connection)
        case .loaded:
            asking.append(connection)
            runner.assumeIsolated { $0.runtimeLoaded(environment) }
        case .free:
            asking.append(connection)
            runner.assumeIsolated { $0.runtimeFree(environment) }
        }
    }

    private func respond(_ body: RuntimeAPIBody, on connection: RuntimeAPIHandler) throws(RuntimeAPIFailure) {
        guard !body.isTooLarge else {
            answered(.failed(.tooLarge))
            throw .requestEntityTooLarge(limit: InvocationLimits.payload)
        }
        // A streamed answer whose end says that something went wrong.
        if body.errorType != nil, body.isStreamed {
            answered(.failed(.reported(body)))
        } else {
            answered(.succeeded(body.bytes))
        }
        connection.accept()
    }

    private func failed(_ body: RuntimeAPIBody, on connection: RuntimeAPIHandler) {
        runner.assumeIsolated { $0.runtimeFailed(environment, body) }
        connection.accept()
    }

    private func answered(_ answer: RuntimeAnswer) {
        state.answered()
        let took = handedAt.map { Runner.now() - $0 } ?? .zero
        handed = nil
        runner.assumeIsolated { $0.runtimeAnswered(answer, after: max(took, .zero), environment) }
    }
}

/// What a runtime has made of an invocation.
enum RuntimeAnswer {
    case succeeded(ByteBuffer)
    case failed(RuntimeError)
}

/// How a runtime says that an invocation has failed.
enum RuntimeError {
    /// In the runtime's own words.
    case reported(RuntimeAPIBody)
    /// What the host says of it: type and text.
    case function(String, String)
    case tooLarge
}
