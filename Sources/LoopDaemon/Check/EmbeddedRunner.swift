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
    private let observer: LifeObserver
    private let store: HistoryStore
    /// Of this runner alone.
    private let folder: String

    /// Makes one for the time of `body`; afterwards no process and no file of it is left.
    ///
    /// - Parameters:
    ///   - locator: knows the interpreters that were asked before, and is told of the others.
    ///   - setting: what is otherwise than for a check.
    ///   - body: what is to be done with it.
    /// - Returns: what `body` returned.
    /// - Throws: what `body` throws, or ``DaemonFailure`` when the system lacks something.
    package static func run<Result: Sendable>(
        locator: InterpreterLocator,
        setting: EmbeddedSetting = EmbeddedSetting(),
        body: @Sendable (EmbeddedRunner) async throws -> Result
    ) async throws -> Result {
        ThisProcess.fitHeaps()
        Signals.ignoreBrokenPipes()
        ThisProcess.raiseDescriptorLimit()
        let folder = "\(ThisProcess.environment["TMPDIR"] ?? "/tmp")/loopwarden-\(EnvironmentID.random().short)"
        do {
            try Folder.make(folder)
        } catch {
            throw DaemonFailure.folder("\(error)")
        }
        defer { try? Folder.removeAll(folder) }
        // No daemon and no other simulation may use the folder meanwhile.
        let lock = try setting.state.map { (state) throws(DaemonFailure) in
            try StateFolder.prepare(Settings(state: state, socket: ""))
        }
        defer { withExtendedLifetime(lock) {} }
        let path = "\(setting.state ?? folder)/history.sqlite"
        let (store, _) = try HistoryStore.open(at: path, options: StoreOptions())
        defer { try? store.close() }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let outcome = try await run(locator, setting, in: folder, store, on: group.next(), body: body)
            try await group.shutdownGracefully()
            return outcome
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    private static func run<Result: Sendable>(
        _ locator: InterpreterLocator,
        _ setting: EmbeddedSetting,
        in folder: String,
        _ store: HistoryStore,
        on eventLoop: any EventLoop,
        body: @Sendable (EmbeddedRunner) async throws -> Result
    ) async throws -> Result {
        let logger = Logger(label: "loopwarden") { _ in SwiftLogNoOpLogHandler() }
        // Nobody runs the dispatcher: what is found is returned.
        let alerts = AlertDispatcher(sinks: [], retries: 0, logger: logger)
        let recorder = Recorder(store: store, rules: RuleBook(), alerts: alerts, logger: logger)
        let observer = LifeObserver(recorder)
        let runner = try Runner(
            folder: folder,
            files: keptFolder(),
            eventLoop: eventLoop,
            observer: setting.observing(observer),
            logger: logger,
            locator: locator,
            followsLambda: setting.followsLambda,
            clock: setting.clock,
            groups: setting.groups
        )
        async let recording: Void = onThread(named: "recorder") { recorder.work() }
        do {
            try await runner.start()
            let embedded = EmbeddedRunner(
                runner: runner,
                recorder: recorder,
                observer: observer,
                store: store,
                folder: folder
            )
            let result = try await body(embedded)
            await runner.shutdown(grace: .zero)
            recorder.close()
            try await recording
            return result
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

    /// Adds a function, which has no environment yet.
    package func add(_ function: FunctionConfiguration) async {
        recorder.functionChanged(function)
        await runner.register(function)
    }

    /// Ends a function's environments, and forgets it.
    ///
    /// - Returns: everything that the rules found in them, their shutdown included, in the order of time; and those that
    ///   were still there.
    /// - Throws: when the history cannot be read.
    package func remove(
        _ function: FunctionName
    ) async throws -> (findings: [Finding], environments: [EnvironmentRecord]) {
        await runner.remove(function)
        let ended = await observer.ends(of: function)
        try? Folder.removeAll("\(folder)/\(function)")
        await recorder.flush()
        let found = try await store.findings(matching: HistoryFilter(function: function, limit: .max))
        return (found.reversed().map(\.finding), ended)
    }

    /// Asks a function's environments to end by SIGTERM, and ends those that have not when the time allowed is over.
    ///
    /// - Returns: how they ended.
    package func terminate(_ function: FunctionName, allowing time: Duration) async -> [EnvironmentRecord] {
        await runner.terminate(function, allowing: time)
        return await observer.ends(of: function)
    }

    /// Invokes a function with an event, which is JSON.
    ///
    /// - Parameters:
    ///   - function: one of those that were added.
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

    /// Invokes a function as is asked for.
    ///
    /// - Returns: the answer, once it is recorded.
    /// - Throws: when no environment answered.
    package func invoke(_ request: InvocationRequest) async throws(InvocationRejection) -> InvocationAnswer {
        try await runner.invoke(request)
    }

    /// Whether nothing is under way.
    package var isQuiet: Bool { get async { await runner.isQuiet } }

    /// Passes over a gap in which nothing is under way, as far as to what a pool does next.
    package func passOver(to instant: Instant) async { _ = await runner.passOver(to: instant) }

    /// Rings a bell after so much time.
    ///
    /// - Returns: what takes it back.
    func ring(_ bell: Bell, after time: Duration) -> @Sendable () -> Void {
        let alarm = runner.eventLoop.scheduleTask(in: .nanoseconds(time.nanoseconds)) { bell.ring() }
        return { alarm.cancel() }
    }

    /// Whether the history has anything of a simulation.
    ///
    /// - Throws: when the history cannot be read.
    package func knows(_ run: RunName) async throws -> Bool {
        try await !store.invocations(matching: HistoryFilter(run: run, limit: 1)).isEmpty
    }

    /// What the history has of a simulation: its findings, in the order of time, and how many loops it has leaked.
    ///
    /// - Throws: when the history cannot be read.
    package func findings(of run: RunName) async throws -> (findings: [Finding], leakedLoops: Int) {
        await recorder.flush()
        let filter = HistoryFilter(run: run, limit: .max)
        let found = try await store.findings(matching: filter)
        let loops = try await store.loops(matching: filter, state: .leaked)
        return (found.reversed().map(\.finding), loops.count)
    }

    /// Ends the environments of all functions; those that serve an invocation may end it for so long.
    package func end(grace: Duration) async { await runner.shutdown(grace: grace) }

    /// Stops the processes of a function's idle environments; the next invocation lets them go on.
    package func freeze(_ function: FunctionName) async { await runner.freeze(function) }

    /// Lets a function's frozen environments go on although nobody invokes them.
    package func thaw(_ function: FunctionName) async { await runner.thaw(function) }
}
