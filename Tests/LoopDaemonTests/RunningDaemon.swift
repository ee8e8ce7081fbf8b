import Foundation
import Logging
import LoopCommands
import LoopModel
import LoopOS
import LoopWire

@testable import LoopDaemon

/// A whole daemon in this process on a throw-away folder, and a client for it.
///
/// The client blocks, so each request has a thread of its own: the tests' threads are few, and the daemon needs them.
struct RunningDaemon: Sendable {
    let folder: String
    let socket: String

    /// The body of the answer to a request.
    @discardableResult
    func send(_ request: ControlRequest, event: [UInt8] = []) async throws -> [UInt8] {
        try await onThread(named: "client") { [socket] in
            try ControlClient(paths: [socket]).send(request, event: event)
        }
    }

    /// The answer to a request, as its JSON.
    func json(_ request: ControlRequest) async throws -> JSON { try JSONReader.value(of: try await send(request)) }

    func invoke(_ name: String, event: String = "{}", isCold: Bool = false) async throws -> RunReply {
        let request = ControlRequest.invoke(FunctionName(sanitizing: name), isCold: isCold)
        let bytes = try await send(request, event: Array(event.utf8))
        guard let reply = RunReply(parsing: bytes) else { throw CocoaError(.coderInvalidValue) }
        return reply
    }
}

/// Runs a daemon that serves plugins made of `files`, by path below the plugins' folder, and ends it when `body` is
/// done.
func withDaemon(
    _ files: [String: String],
    configure: (inout Settings) -> Void = { _ in },
    _ body: @escaping @Sendable (RunningDaemon) async throws -> Void
) async throws {
    try await withTemporaryFolder { folder in
        try write(files, below: "\(folder)/plugins")
        var settings = Settings(state: "\(folder)/state", socket: "\(folder)/api.sock")
        settings.plugins = ["\(folder)/plugins"]
        settings.drain = .seconds(1)
        configure(&settings)
        let daemon = Daemon(
            settings: settings,
            manager: ServiceManager.takeFromEnvironment(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let (serving, serve) = AsyncStream<@Sendable () async -> Void>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { serve.finish() }
                try await daemon.run { serve.yield($0) }
            }
            for await stop in serving {
                let running = RunningDaemon(folder: folder, socket: settings.socket)
                do {
                    try await body(running)
                } catch {
                    await stop()
                    throw error
                }
                await stop()
                break
            }
            try await group.waitForAll()
        }
    }
}
