import Logging
import NIOCore

/// The connections of one server.
///
/// Safety: everything happens on the event loop that they all have, except for what says otherwise.
final class HTTPConnections: @unchecked Sendable {
    typealias Work = @Sendable () async -> Void

    /// What is to be done in tasks of the server's; ends when there will be no more.
    let works: AsyncStream<Work>
    private let inlet: AsyncStream<Work>.Continuation
    private let answering: APIServer.Answering
    private let logger: Logger
    private var open: [ObjectIdentifier: HTTPConnection] = [:]
    private var isEnding = false

    init(logger: Logger, answer: @escaping APIServer.Answering) {
        (works, inlet) = AsyncStream.makeStream()
        answering = answer
        self.logger = logger
    }

    /// Takes no new connections, and lets those there are end with the requests that they serve.
    func finish() {
        isEnding = true
        for connection in Array(open.values) { connection.finish() }
        if open.isEmpty { inlet.finish() }
    }

    /// Returns false when it comes too late, and is to be closed.
    func add(_ connection: HTTPConnection) -> Bool {
        guard !isEnding else { return false }
        open[ObjectIdentifier(connection)] = connection
        return true
    }

    func remove(_ connection: HTTPConnection) {
        open[ObjectIdentifier(connection)] = nil
        if isEnding, open.isEmpty { inlet.finish() }
    }

    func answer(_ request: HTTPRequest, _ responder: Responder) { answering(request, responder) }

    /// May be called on any thread.
    func perform(_ work: @escaping Work) { inlet.yield(work) }

    /// The client spoke nonsense, or went away.
    func note(_ error: any Error) { logger.debug("A connection ended", metadata: ["error": "\(error)"]) }
}
