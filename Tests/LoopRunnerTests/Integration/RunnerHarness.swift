import Logging
import LoopModel
import LoopOS
import LoopRunner
import NIOCore
import NIOPosix
import Testing

/// A runner on a folder of its own, with plugins written for a test.
struct RunnerHarness {
    let folder: String
    let runner: Runner
    let observer: RecordingObserver
    let eventLoop: any EventLoop
    static let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)

    /// Runs `body` and then makes sure that nothing is left: no process, no folder, no broken promise.
    static func run(
        failure: (any Error)? = nil,
        _ body: (RunnerHarness) async throws -> Void
    ) async throws {
        let folder = "/tmp/lw-\(UInt32.random(in: 0 ... .max))"
        try Folder.make(folder)
        defer { try? Folder.removeAll(folder) }
        let eventLoop = group.next()
        let observer = RecordingObserver(eventLoop: eventLoop, failure: failure)
        var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        let runner = try Runner(folder: folder, eventLoop: eventLoop, observer: observer, logger: logger)
        try await runner.start()
        let harness = RunnerHarness(folder: folder, runner: runner, observer: observer, eventLoop: eventLoop)
        let result: Result<Void, any Error>
        do { result = .success(try await body(harness)) } catch { result = .failure(error) }
        await runner.shutdown(grace: .seconds(5))
        let log = observer.log.withLock { $0 }
        #expect(log.complaints == [])
        #expect(Set(log.ended.map(\.id)) == Set(log.environments.keys))
        let endedIDs = Set(log.invocations.map(\.id))
        #expect(log.started.allSatisfy { endedIDs.contains($0.id) })
        for id in log.environments.keys { #expect(ProcessFamily(name: id.rawValue).members().isEmpty) }
        #expect(try Folder.entries(of: folder + "/environments") == [])
        #expect(try Folder.entries(of: folder + "/tmp") == [])
        try result.get()
    }

    /// Writes a plugin of one file and registers it.
    @discardableResult
    func plugin(
        _ name: String = "test",
        _ code: String,
        configure: (inout FunctionConfiguration) -> Void = { _ in }
    ) async throws -> FunctionConfiguration {
        let root = "\(folder)/\(name)"
        try Folder.make(root)
        try File.write(code.utf8, to: "\(root)/handler.py")
        var configuration = FunctionConfiguration(
            name: FunctionName(sanitizing: name),
            root: root,
            source: "\(root)/handler.py",
            handler: "handler.handler"
        )
        configuration.timeout = .seconds(20)
        configuration.environment = ["TEST_FOLDER": folder]
        configure(&configuration)
        await runner.register(configuration)
        return configuration
    }

    func invoke(
        _ name: String = "test",
        _ payload: String = "{}",
        isCold: Bool = false,
        fault: InvocationFault? = nil,
        idle: Duration = .zero
    ) async throws -> InvocationAnswer {
        try await runner.invoke(
            InvocationRequest(
                function: FunctionName(sanitizing: name),
                payload: ByteBuffer(string: payload),
                isCold: isCold,
                fault: fault,
                idle: idle
            )
        )
    }

    var log: RecordingObserver.Log { observer.log.withLock { $0 } }
}

extension InvocationAnswer {
    var text: String { String(buffer: payload) }
}
