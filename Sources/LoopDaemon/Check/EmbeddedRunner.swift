import Logging
package import LoopModel
import LoopOS
import LoopRules
package import LoopRunner
import LoopStore
import NIOCore
import NIOPosix

/// Runs functions as a daemon does, in this process: without a socket, on a history that is thrown away.
package struct EmbeddedRunner: Sendable {
    private let runner: Runner
    private let recorder: Recorder

    /// Makes one for the time of `body`; afterwards no process and no file of it is left.
    ///
    /// - Parameters:
    ///   - functions: what can be invoked.
    ///   - locator: knows the interpreters that were asked before, and is told of the others.
    ///   - body: what is to be done with it.
    /// - Returns: what `body` returned, and everything the rules found, the shutdown of the environments included.
    /// - Throws: what `body` throws, or ``DaemonFailure`` when the system lacks something.
    package static func run<Result: Sendable>(
        _ functions: [FunctionConfiguration],
        locator: InterpreterLocator,
        body: @Sendable (EmbeddedRunner) async throws -> Result
    ) async throws -> (result: Result, findings: [Finding]) {
        ThisProcess.limitHeaps(to: 2)
        Signals.ignoreBrokenPipes()
        ThisProcess.raiseDescriptorLimit()
        let folder = "\(ThisProcess.environment["TMPDIR"] ?? "/tmp")/loopwarden-\(EnvironmentID.random().short)"
        do {
            try Folder.make(folder)
        } catch {
            throw DaemonFailure.folder("\(error)")
        }
        defer { try? Folder.removeAll(folder) }
        let (store, _) = try HistoryStore.open(at: "\(folder)/history.sqlite", options: StoreOptions())
        defer { try? store.close() }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let outcome = try await run(functions, locator, in: folder, store, on: group.next(), body: body)
            try await group.shutdownGracefully()
            return outcome
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    private static func run<Result: Sendable>(
        _ functions: [FunctionConfiguration],
        _ locator: InterpreterLocator,
        in folder: String,
        _ store: HistoryStore,
        on eventLoop: any EventLoop,
        body: @Sendable (EmbeddedRunner) async throws -> Result
    ) async throws -> (result: Result, findings: [Finding]) {
        let logger = Logger(label: "loopwarden") { _ in SwiftLogNoOpLogHandler() }
        // Nobody runs the dispatcher: what is found is returned.
        let alerts = AlertDispatcher(sinks: [], retries: 0, logger: logger)
        let recorder = Recorder(store: store, rules: RuleBook(), alerts: alerts, logger: logger)
        let runner = try Runner(
            folder: folder,
            files: keptFolder(),
            eventLoop: eventLoop,
            observer: recorder,
            logger: logger,
            locator: locator
        )
        async let recording: Void = onThread(named: "recorder") { recorder.work() }
        do {
            try await runner.start()
            for function in functions {
                recorder.functionChanged(function)
                await runner.register(function)
            }
            let result = try await body(EmbeddedRunner(runner: runner, recorder: recorder))
            await runner.shutdown(grace: .zero)
            await recorder.flush()
            recorder.close()
            try await recording
            let found = try await store.findings(matching: HistoryFilter(limit: .max))
            return (result, found.reversed().map(\.finding))
        } catch {
            await runner.shutdown(grace: .zero)
            recorder.close()
            try? await recording
            throw error
        }
    }

    /// Where the workers' files are kept from one check to the next, so that Python need not compile them each time.
    ///
    /// - Returns: nil where there is no such place, and they go with the rest.
    private static func keptFolder() -> String? {
        let environment = ThisProcess.environment
        guard let cache = environment["XDG_CACHE_HOME"] ?? environment["HOME"].map({ "\($0)/.cache" }),
            cache.hasPrefix("/")
        else { return nil }
        let folder = "\(cache)/loopwarden"
        try? StateFolder.makeAll(folder, mode: 0o700)
        // One that somebody else may write to is no place for code.
        return FileStamp(path: folder)?.isFolder == true && File.isPrivate(folder) ? folder : nil
    }

    /// Invokes a function with an event, which is JSON.
    ///
    /// - Parameters:
    ///   - function: one of those that this was made with.
    ///   - event: what the handler is given.
    ///   - isCold: asks for a new environment.
    ///   - fault: what is done to the invocation on purpose; the answer says whether it came to that.
    ///   - idle: how much time the handler is to believe to have passed before.
    /// - Returns: the answer, once it is recorded.
    /// - Throws: when no environment answered.
    package func invoke(
        _ function: FunctionName,
        event: [UInt8],
        isCold: Bool,
        fault: InvocationFault? = nil,
        idle: Duration = .zero
    ) async throws(CheckFailure) -> InvocationAnswer {
        do throws(InvocationRejection) {
            let request = InvocationRequest(
                function: function,
                payload: ByteBuffer(bytes: event),
                isCold: isCold,
                fault: fault,
                idle: idle
            )
            return try await runner.invoke(request)
        } catch {
            throw .rejected("\(error)")
        }
    }

    /// Stops the processes of a function's idle environments; the next invocation lets them go on.
    package func freeze(_ function: FunctionName) async { await runner.freeze(function) }

    /// Lets a function's frozen environments go on although nobody invokes them.
    package func thaw(_ function: FunctionName) async { await runner.thaw(function) }
}
