import AsyncHTTPClient
package import Logging
import LoopModel
package import LoopOS
import LoopRules
import LoopRunner
package import LoopStore
import NIOCore
import NIOPosix
import ServiceLifecycle
import UnixSignals

/// The composition root: builds everything in dependency order, and runs it until told to stop.
package struct Daemon {
    private let settings: Settings
    private let loader: SettingsLoader?
    private let manager: ServiceManager
    private let logger: Logger

    /// Prepares a daemon; with a loader, which reads the settings again on SIGHUP, it minds signals itself.
    package init(settings: Settings, loader: SettingsLoader? = nil, manager: ServiceManager, logger: Logger) {
        self.settings = settings
        self.loader = loader
        self.manager = manager
        self.logger = logger
    }

    /// Serves until it is stopped or, with a loader, until a signal.
    ///
    /// - Parameter isServing: Called once requests are answered, with what stops the daemon in good order.
    /// - Throws: ``DaemonFailure`` when it cannot start.
    package func run(
        isServing: @Sendable (_ stop: @escaping @Sendable () async -> Void) async -> Void = { _ in }
    ) async throws {
        // Everything else on the state folder comes after the lock: two daemons must not share one.
        let lock = try StateFolder.prepare(settings)
        defer { withExtendedLifetime(lock) {} }
        let (store, report) = try openStore()
        defer { close(store) }
        tell(report)

        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let http = HTTPClient(eventLoopGroupProvider: .shared(group))
        let outcome = await Result { try await serve(store, eventLoop: group.next(), http: http, isServing: isServing) }
        // Whatever happened: neither may be dropped while it is open.
        try? await http.shutdown()
        try? await group.shutdownGracefully()
        try outcome.get()
        logger.notice("Ended")
    }

    private func serve(
        _ store: HistoryStore,
        eventLoop: any EventLoop,
        http: HTTPClient,
        isServing: @Sendable (_ stop: @escaping @Sendable () async -> Void) async -> Void
    ) async throws {
        let sinks = AlertSinks(http: http, logger: logger)
        let alerts = AlertDispatcher(sinks: sinks.make(for: settings), retries: settings.alertRetries, logger: logger)
        let rules = settings.rules
        let recorder = Recorder(store: store, rules: rules, alerts: alerts, logger: logger)
        let runner = try Runner(
            folder: StateFolder.runtime(settings),
            eventLoop: eventLoop,
            observer: recorder,
            logger: logger,
            groups: settings.cgroups,
            // Not the one that happens to be active where the daemon was started: the PATH leads there already.
            places: HandlerEnvironments(variables: ThisProcess.environment.filter { $0.key == "HOME" }, here: ""),
            builder: EnvironmentBuilder(folder: "\(settings.state)/venvs", variables: ThisProcess.environment)
        )
        await runner.readSources(settings.readsSources)
        await runner.tellImports()
        await runner.keepOutput(settings.outputLimit)
        await runner.use(settings.epoch)
        await runner.limit(concurrency: settings.accountConcurrency)
        let catalog = FunctionCatalog(runner: runner, recorder: recorder, state: settings.state, logger: logger)
        let maintenance = Maintenance(store: store, settings: settings, logger: logger)
        let queue = try EventQueue(store: store, runner: runner, pace: settings.retryPace, logger: logger)
        let lambda = LambdaService(recorder: recorder, runner: runner, queue: queue)
        let loopback = LoopbackServer(eventLoop: eventLoop, logger: logger, answer: lambda.answerAnyone)
        let control = ControlService(
            store: store,
            recorder: recorder,
            runner: runner,
            catalog: catalog,
            alerts: alerts,
            lambda: lambda,
            queue: queue,
            loopback: loopback,
            settings: settings
        )

        let socket = try listeningSocket()
        try loopback.use(settings.lambdaPort)
        try await start(runner)
        await catalog.watchManifests()
        await catalog.load(folders: settings.plugins)
        await recallIdleTimes(from: store, for: runner)

        // From the last to the first they are told to stop, each after the one before it has ended: running
        // invocations end first, then connections, and the recorder last of all.
        var services: [any Service] = [
            RecorderService(recorder),
            alerts,
            maintenance,
            queue,
            Watchdog(recorder: recorder, eventLoop: eventLoop, manager: manager),
            APIServer(socket: socket, eventLoop: eventLoop, logger: logger, answer: control.answer),
            loopback,
            RunnerService(runner, drain: settings.drain, manager: manager),
        ]
        if let loader {
            // Trapped here, before anyone is told that the daemon serves: untrapped, the signal ends it.
            let hangUps = await UnixSignalsSequence(trapping: .sighup)
            services.append(
                Reloader(loader: loader, signals: hangUps, manager: manager, logger: logger) { settings in
                    recorder.use(settings.rules)
                    await runner.readSources(settings.readsSources)
                    await runner.keepOutput(settings.outputLimit)
                    await runner.use(settings.epoch)
                    await runner.limit(concurrency: settings.accountConcurrency)
                    alerts.use(sinks.make(for: settings))
                    maintenance.use(settings)
                    queue.use(pace: settings.retryPace)
                    do throws(DaemonFailure) {
                        try loopback.use(settings.lambdaPort)
                    } catch {
                        logger.error("The Lambda API stays where it is", metadata: ["error": "\(error)"])
                    }
                    await catalog.load(folders: settings.plugins)
                }
            )
        }
        try await run(services, isServing: isServing)
        if manager.sockets.isEmpty { try? File.remove(settings.socket) }
    }

    private func run(
        _ services: [any Service],
        isServing: @Sendable (_ stop: @escaping @Sendable () async -> Void) async -> Void
    ) async throws(DaemonFailure) {
        // What it would say at debug is the whole of every service, the environment's secrets among it.
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        let (started, start) = AsyncStream<Void>.makeStream()
        let announcement = Announcement { start.finish() }
        let lifecycle = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: (services + [announcement]).map { .init(service: $0, successTerminationBehavior: .ignore) },
                gracefulShutdownSignals: loader != nil ? [.sigterm, .sigint] : [],
                logger: quiet
            )
        )
        async let life: Void = lifecycle.run()
        for await _ in started {}
        logger.notice("Serving", metadata: ["socket": "\(settings.socket)", "state": "\(settings.state)"])
        manager.notify("READY=1\nSTATUS=Serving")
        await isServing { await lifecycle.triggerGracefulShutdown() }
        do {
            try await life
        } catch {
            logger.critical("A part of the daemon failed", metadata: ["error": "\(error)"])
            throw .serviceFailed("\(error)")
        }
    }

    /// A policy that has to learn anew is no reason not to start.
    private func recallIdleTimes(from store: HistoryStore, for runner: Runner) async {
        do {
            try await IdleHistory(history: store, runner: runner).recall()
        } catch {
            logger.warning("Idle times cannot be read from the history", metadata: ["error": "\(error)"])
        }
    }

    private func openStore() throws(DaemonFailure) -> (HistoryStore, OpeningReport) {
        do {
            let durability: StoreOptions.Durability = settings.durability == .power ? .power : .process
            let path = "\(settings.state)/history.sqlite"
            return try HistoryStore.open(at: path, options: StoreOptions(durability: durability))
        } catch let failure as StoreFailure {
            throw .store(failure)
        } catch {
            throw .serviceFailed("\(error)")
        }
    }

    private func close(_ store: HistoryStore) {
        do {
            try store.close()
        } catch {
            logger.error("The history could not be closed", metadata: ["error": "\(error)"])
        }
    }

    /// Says in the log what opening the history found.
    private func tell(_ report: OpeningReport) {
        if let path = report.quarantined {
            let reason = report.quarantineReason ?? ""
            logger.error(
                "The history was damaged; it was put aside and a new one started",
                metadata: ["kept": "\(path)", "reason": "\(reason)"]
            )
        }
        if report.missingCommits > 0 {
            logger.error("The history lacks commits that were made", metadata: ["commits": "\(report.missingCommits)"])
        }
        if report.lostInvocations > 0 {
            let count: Logger.MetadataValue = "\(report.lostInvocations)"
            logger.warning("Invocations of the last daemon's were closed as lost", metadata: ["count": count])
        }
        if report.gaveUpBallast {
            logger.warning("The disk is full: the ballast file was given up to open the history")
        }
    }

    private func listeningSocket() throws(DaemonFailure) -> Int32 {
        if let given = manager.sockets.first { return given.descriptor }
        do {
            let parent = settings.socket.split(separator: "/").dropLast().joined(separator: "/")
            try StateFolder.makeAll("/\(parent)", mode: 0o755)
            // The group may call in, as the socket unit of systemd has it; everybody else may not.
            return try UnixSocket.listen(settings.socket, mode: 0o660)
        } catch let failure as SocketFailure {
            throw .socket(failure)
        } catch {
            throw .folder("\(error)")
        }
    }

    private func start(_ runner: Runner) async throws(DaemonFailure) {
        do {
            try await runner.start()
        } catch {
            throw .serviceFailed("the worker socket cannot be opened: \(error)")
        }
    }
}

/// The last service to be started: says that all of them are, and that signals are minded from here on.
private struct Announcement: Service {
    let announce: @Sendable () -> Void

    func run() async throws {
        announce()
        try await gracefulShutdown()
    }
}

extension Result where Failure == any Error {
    /// What `body` came to.
    fileprivate init(_ body: () async throws -> Success) async {
        do {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}

/// Why the daemon cannot start, or had to stop.
package enum DaemonFailure: Error, CustomStringConvertible {
    case settings(SettingsFailure)
    /// Another daemon has the state folder.
    case alreadyRunning(state: String, process: Int32?)
    case folder(String)
    case socket(SocketFailure)
    /// Of the Lambda API.
    case loopback(SocketFailure)
    case store(StoreFailure)
    case serviceFailed(String)

    package var description: String {
        switch self {
        case .settings(let failure): "\(failure)"
        case .alreadyRunning(let state, let process):
            "already running\(process.map { " as process \($0)" } ?? ""): another daemon has the state folder \(state)"
        case .folder(let reason): "the state folder cannot be used: \(reason)"
        case .socket(let failure): "the control socket cannot be opened: \(failure)"
        case .loopback(let failure): "the Lambda API's port cannot be opened: \(failure)"
        case .store(let failure): "the history cannot be opened: \(failure)"
        case .serviceFailed(let reason): reason
        }
    }

    /// What the operator can do about it; nil: nothing beyond what the description says.
    package var hint: String? {
        switch self {
        case .settings: "Correct it and try again; `loopwarden daemon --check-config` tells whether all is well."
        case .alreadyRunning: "Use that one, stop it, or give this one another folder with --state."
        case .folder: "Choose another with --state, or give this user the right to write it."
        case .socket(.inUse): "Use that daemon, stop it, or choose another path with --socket."
        case .socket(.pathTooLong): "Choose a shorter path with --socket."
        case .socket(.notASocket): "Choose another path with --socket, or move it away."
        case .socket: "Choose another path with --socket, or give this user the right to write its folder."
        case .loopback: "Choose another with lambda.port, or take the setting out: the unix socket serves the API too."
        case .store(let failure): failure.hint
        case .serviceFailed: nil
        }
    }

    /// As in BSD's sysexits(3).
    package var exitCode: Int32 {
        switch self {
        case .settings: 78
        case .alreadyRunning: 75
        case .folder: 73
        case .socket(.inUse): 75
        case .socket(.pathTooLong), .socket(.notASocket): 78
        case .socket: 73
        case .loopback(.inUse): 75
        case .loopback: 73
        case .store(.newerSchema), .store(.foreignFile): 78
        case .store(.cannotOpen): 73
        case .store(.busy): 75
        case .store: 74
        case .serviceFailed: 70
        }
    }
}
