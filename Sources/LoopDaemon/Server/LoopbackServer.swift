import Logging
import LoopOS
import NIOCore
import ServiceLifecycle

/// Serves the Lambda API on a port of 127.0.0.1, which may change while the daemon runs, or on none.
final class LoopbackServer: Service, Sendable {
    private let eventLoop: any EventLoop
    private let logger: Logger
    private let answer: APIServer.Answering
    /// Listening descriptors, in the order in which they take each other's place; nil: nothing is served.
    private let sockets: AsyncStream<CInt?>
    private let inlet: AsyncStream<CInt?>.Continuation
    private let state = Locked(State())

    private struct State {
        var port: Int?
        /// Why the port that was asked for last is not the one that is served.
        var trouble: String?
    }

    init(eventLoop: any EventLoop, logger: Logger, answer: @escaping APIServer.Answering) {
        self.eventLoop = eventLoop
        self.logger = logger
        self.answer = answer
        (sockets, inlet) = AsyncStream.makeStream()
    }

    /// What is served now; nil: nothing.
    var port: Int? { state.withLock(\.port) }

    var trouble: String? { state.withLock(\.trouble) }

    /// Takes connections there from now on; those that were made elsewhere end with their requests.
    ///
    /// - Parameter port: nil: nowhere.
    /// - Throws: ``DaemonFailure/loopback(_:)`` when it cannot be opened; then all stays as it was.
    func use(_ port: Int?) throws(DaemonFailure) {
        guard port != self.port else { return state.withLock { $0.trouble = nil } }
        do throws(SocketFailure) {
            let socket = try port.map { (port) throws(SocketFailure) in
                try LoopbackSocket.listen(port: UInt16(truncatingIfNeeded: port))
            }
            state.withLock { $0 = State(port: port) }
            inlet.yield(socket)
        } catch {
            let failure = DaemonFailure.loopback(error)
            state.withLock { $0.trouble = "\(failure)" }
            throw failure
        }
    }

    /// Serves until a graceful shutdown.
    func run() async {
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                var current: ServiceGroup?
                for await socket in sockets {
                    await current?.triggerGracefulShutdown()
                    current = nil
                    guard let socket else { continue }
                    let server = service(on: socket)
                    group.addTask { await self.serve(server) }
                    current = server
                }
                await current?.triggerGracefulShutdown()
            }
        } onGracefulShutdown: {
            self.inlet.finish()
        }
    }

    private func service(on socket: CInt) -> ServiceGroup {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        let server = APIServer(socket: socket, eventLoop: eventLoop, logger: logger, answer: answer)
        return ServiceGroup(services: [server], logger: quiet)
    }

    private func serve(_ server: ServiceGroup) async {
        do {
            try await server.run()
        } catch {
            logger.error("The Lambda API's port is not served any more", metadata: ["error": "\(error)"])
            state.withLock { $0.trouble = "The Lambda API's port is not served any more: \(error)" }
        }
    }
}
