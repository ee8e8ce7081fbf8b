package import Logging
package import LoopModel
package import LoopOS
package import NIOCore
internal import NIOPosix

/// Runs functions in environments: the pools' state machines, and the shell that performs what they decide.
///
/// Everything happens on one event loop, which is also the actor's executor: what a worker says and what is done about
/// it need no hop between threads. Nothing here waits in the middle of a decision.
package actor Runner {
    package nonisolated let eventLoop: any EventLoop
    let folder: String
    /// Where the workers' own files are.
    let filesFolder: String
    let observer: any RunObserving
    let logger: Logger
    let variables: [String: String]
    let runtimes: AllRuntimes
    /// How idle environments are asked to end.
    let teardown: Teardown
    /// Whether environments live as on AWS Lambda where that is asked for: see Runner+Init and Runner+Shutdown.
    let followsLambda: Bool
    /// Does what may block: asking interpreters, removing folders.
    let helper: WorkThread
    /// Installs packages; nil until some are asked for.
    var installer: WorkThread?
    let builder: EnvironmentBuilder?
    /// Reads a function's manifest anew; nil: what it says stays.
    var reread: (@Sendable (FunctionConfiguration) -> FunctionConfiguration?)?
    let watcher: ProcessWatcher
    let zygotes: Zygotes
    let folders: EnvironmentFolders
    /// What the pools take for the time.
    let clock: PoolClock

    var pools: [FunctionName: FunctionPool] = [:]
    /// Pools of removed functions whose environments are not gone yet.
    var removed: [FunctionPool] = []
    /// Environments whose process has not connected yet.
    var awaited: [String: WorkerWire] = [:]
    var server: (any Channel)?
    var alarm: Alarm?
    /// Whether workers look for advice in the sources of handlers when these are loaded.
    var readsSources = false
    /// Whether workers tell how long the imports of their handlers take.
    var tellsImports = false
    /// Of what is printed in one go, in bytes.
    var outputLimit = BoundedOutput.usualLimit
    /// The answers of which time are given, where a function does not say.
    var epoch = LambdaEpoch.new
    /// What all functions together may have; nil: as much as each of them may.
    var account: AccountLimits?
    /// The next look at the files that provisioned environments have loaded.
    var renewal: Scheduled<Void>?
    /// The next look at invocations that take long.
    var lookout: Scheduled<Void>?
    var shutdownState: ShutdownState?
    /// Where the daemon may have cgroups.
    let groupChoice: ControlGroupTree.Choice
    /// The daemon's part of the cgroup hierarchy, or why it has none.
    package internal(set) var groups: Result<ControlGroupTree, ControlGroupFailure> = .failure(.switchedOff)
    /// The next look at environments whose memory the daemon itself limits.
    var memoryWatch: Scheduled<Void>?
    /// The functions of whose share of the processors was told that it has no effect.
    var toldOfProcessors: Set<FunctionName> = []
    /// Whether was told that an environment could not have a cgroup although others have.
    var toldOfMissingGroup = false

    /// A deadline that the event loop knows of.
    struct Alarm {
        let at: Instant
        let task: Scheduled<Void>
    }

    struct ShutdownState {
        /// When invocations that still run are cut off; nil once they were.
        var graceEnd: Instant?
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    package nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - folder: the daemon's runtime folder, which exists; sockets and scratch folders live below.
    ///   - files: where the workers' own files are put and found again; exists. nil: in `folder`.
    ///   - eventLoop: does all the work; it may serve other channels as well.
    ///   - observer: is told of everything.
    ///   - logger: for what operators should know.
    ///   - locator: finds interpreters; nil: one of its own, which has asked none yet.
    ///   - variables: the daemon's own environment variables, of which workers get a few.
    ///   - teardown: how idle environments are asked to end before they are killed.
    ///   - followsLambda: whether a function that is to live as on AWS Lambda does.
    ///   - clock: what the pools take for the time.
    ///   - groups: where environments may have cgroups of their own.
    ///   - places: finds the virtual environments beside functions; nil: none is looked for.
    ///   - builder: installs what functions require; nil: nothing is.
    /// - Throws: when the system has no thread or descriptor left.
    package init(
        folder: String,
        files: String? = nil,
        eventLoop: any EventLoop,
        observer: any RunObserving,
        logger: Logger,
        locator: InterpreterLocator? = nil,
        variables: [String: String] = ThisProcess.environment,
        teardown: Teardown = Teardown(steps: [.wait(.milliseconds(500))]),
        followsLambda: Bool = true,
        clock: PoolClock = PoolClock(),
        groups: ControlGroupTree.Choice = .off,
        places: HandlerEnvironments? = nil,
        builder: EnvironmentBuilder? = nil
    ) throws {
        self.eventLoop = eventLoop
        self.folder = folder
        filesFolder = files ?? folder
        self.observer = observer
        self.logger = logger
        self.variables = variables
        self.teardown = teardown
        self.followsLambda = followsLambda
        self.clock = clock
        groupChoice = groups
        self.builder = builder
        runtimes = AllRuntimes(
            folder: filesFolder,
            locator: locator ?? InterpreterLocator(environment: variables),
            places: places,
            builder: builder,
            variables: variables
        )
        helper = try WorkThread(named: "lw-helper")
        folders = EnvironmentFolders(in: folder, eventLoop: eventLoop, helper: helper)
        watcher = try ProcessWatcher()
        zygotes = Zygotes(eventLoop: eventLoop, watcher: watcher, logger: logger)
    }

    var socketPath: String { "\(folder)/workers" }

    static func now() -> Instant { Instant(nanoseconds: MonotonicClock.nanoseconds()) }

    static func wallNow() -> WallTime { WallTime(nanoseconds: WallClock.nanoseconds()) }

    // MARK: The runner's life

    /// Ends what an earlier daemon left running and opens the workers' socket.
    ///
    /// The caller makes sure that no other daemon uses the same folder.
    ///
    /// - Throws: when the folder cannot be written or the socket's path is too long.
    package func start() async throws {
        try Folder.make(folders.folder)
        for name in try Folder.entries(of: folders.folder) {
            // The folders are named by their environments, and the environment's name marks its processes: no number of
            // a process is trusted over the life of a daemon.
            let ended = ProcessFamily(name: name).end(by: MonotonicClock.nanoseconds() + 2_000_000_000)
            if ended > 0 {
                logger.notice(
                    "Ended processes that an earlier daemon had left",
                    metadata: ["environment.id": "\(name)", "process.count": "\(ended)"]
                )
            }
            try Folder.removeAll("\(folders.folder)/\(name)")
        }
        openGroups()
        if FileStamp(path: folders.scratch) != nil { try Folder.removeAll(folders.scratch) }
        try Folder.make(folders.scratch)
        guard socketPath.utf8.count <= UnixSocket.longestPath else { throw SocketFailure.pathTooLong(socketPath) }
        try? File.remove(socketPath)
        zygotes.reader = { [unowned self] in WorkerChannelHandler(runner: self, forked: $0) }
        server = try await ServerBootstrap(group: eventLoop)
            .serverChannelOption(.backlog, value: 256)
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(WorkerChannelHandler(runner: self))
                }
            }
            .bind(unixDomainSocketPath: socketPath)
            .get()
    }

    /// Lets running invocations end for as long as `grace`, cuts off the rest as `killed`, and ends every environment.
    ///
    /// New invocations are rejected from the first moment. Returns when no process is left; does nothing when it was
    /// called before.
    package func shutdown(grace: Duration) async {
        guard shutdownState == nil else { return }
        let now = Self.now()
        shutdownState = ShutdownState(graceEnd: now + grace)
        logger.info("Ending every environment", metadata: ["duration.grace": "\(grace.spoken)"])
        for pool in pools.values {
            removePlaces(of: pool)
            perform(pool.machine.close(.shuttingDown, retiring: .shutdown), of: pool)
        }
        abandonPreparations()
        ring(at: now + grace)
        if !isEmpty {
            await withCheckedContinuation { shutdownState?.waiters.append($0) }
        }
        alarm?.task.cancel()
        lookout?.cancel()
        memoryWatch?.cancel()
        renewal?.cancel()
        try? await server?.close().get()
        try? File.remove(socketPath)
        await zygotes.end()
        watcher.stop()
        folders.close()
        helper.finish()
        installer?.finish()
        closeGroups()
    }

    private var isEmpty: Bool { pools.values.allSatisfy(\.machine.isEmpty) && removed.isEmpty }

    /// Looks whether a pool that takes nothing any more has come to its end.
    func settle(_ pool: FunctionPool) {
        guard pool.machine.isEmpty else { return }
        removed.removeAll { $0 === pool }
        guard isEmpty, let waiters = shutdownState?.waiters else { return }
        shutdownState?.waiters = []
        for waiter in waiters { waiter.resume() }
    }

    /// Has the workers that are started from now on look for advice in the sources of their handlers, or not.
    package func readSources(_ isAsked: Bool) { readsSources = isAsked }

    /// Has the workers that are started from now on tell how long the imports of their handlers take.
    package func tellImports() { tellsImports = true }

    /// Gives the answers of another time from now on, where a function does not say which.
    package func use(_ epoch: LambdaEpoch) { self.epoch = epoch }

    // MARK: Functions

    /// Adds a function, or puts a new configuration in the place of one.
    ///
    /// Environments of the old configuration end as soon as they are free.
    package func register(_ configuration: FunctionConfiguration) {
        guard shutdownState == nil else { return }
        guard let pool = pools[configuration.name] else {
            let pool = FunctionPool(configuration: configuration)
            pools[configuration.name] = pool
            pool.readiness.wasReady = false
            prepareAhead(pool)
            provision(pool)
            return
        }
        guard pool.configuration != configuration else { return }
        pool.configuration = configuration
        pool.manifest = WatchedFile(now: configuration.source)
        pool.lastInitFailure = nil
        prepareAhead(pool)
        removePlaces(of: pool)
        let limits = FunctionPool.limits(of: configuration, provisioned: pool.provisioned)
        perform(pool.machine.replace(limits: limits, now: clock.now()) { pool.isFresh($0) }, of: pool)
        keepRenewing()
    }

    /// Removes a function: who waits is rejected, who runs is allowed to end.
    package func remove(_ name: FunctionName) {
        guard let pool = pools.removeValue(forKey: name) else { return }
        removed.append(pool)
        removePlaces(of: pool)
        perform(pool.machine.close(.removed, retiring: .removed), of: pool)
        settle(pool)
    }

    /// Sorted by name.
    package var functions: [FunctionConfiguration] {
        pools.values.map(\.configuration).sorted { $0.name < $1.name }
    }

    package func configuration(of name: FunctionName) -> FunctionConfiguration? { pools[name]?.configuration }

    /// Whether what a function is made of is there.
    package func readiness(of name: FunctionName) -> FunctionReadiness {
        pools[name]?.readiness ?? FunctionReadiness()
    }

    /// Everything at this instant; functions sorted by name.
    package func status() -> RunnerStatus {
        let functions = pools.values.sorted { $0.configuration.name < $1.configuration.name }.map { pool in
            FunctionStatus(
                name: pool.configuration.name,
                environments: pool.ordered.map(\.status),
                waiting: pool.machine.waiting,
                provisioned: provisioned(of: pool)
            )
        }
        var status = RunnerStatus(functions: functions, isShuttingDown: shutdownState != nil)
        status.zygotes = zygotes.status
        return status
    }

    // MARK: Time

    /// Makes sure that ``tick()`` is called at that instant or before.
    func ring(at instant: Instant) {
        if let alarm, alarm.at <= instant { return }
        alarm?.task.cancel()
        let deadline = NIODeadline.uptimeNanoseconds(UInt64(clamping: instant.nanoseconds))
        let task = eventLoop.scheduleTask(deadline: deadline) { self.assumeIsolated { $0.tick() } }
        alarm = Alarm(at: instant, task: task)
    }

    /// Does what is due and sets the alarm anew.
    ///
    /// One alarm for all: an invocation that answers in time never touches it, and one that fires in vain costs a look
    /// at every environment.
    func tick() {
        alarm = nil
        let now = Self.now()
        if let end = shutdownState?.graceEnd, end <= now {
            shutdownState?.graceEnd = nil
            for pool in allPools { for environment in pool.ordered { kill(environment, because: .killed) } }
        }
        for pool in allPools {
            for environment in pool.ordered {
                if let deadline = environment.deadline, deadline <= now { expired(environment) }
            }
            perform(pool.machine.tend(now: clock.now()) { pool.isFresh($0) }, of: pool)
        }
        let deadlines = allPools.flatMap { pool in
            (giveUpPlaces(of: pool).map { [$0] } ?? []) + pool.environments.values.compactMap(\.deadline)
                + (pool.machine.nextDue.map { [clock.machineTime(of: $0)] } ?? [])
        }
        if let next = (deadlines + (shutdownState?.graceEnd.map { [$0] } ?? [])).min() { ring(at: next) }
    }

    var allPools: [FunctionPool] { Array(pools.values) + removed }

    // MARK: Actions

    /// Performs what a pool's machine has decided.
    func perform(_ actions: [PoolStateMachine.Action], of pool: FunctionPool) {
        for action in actions {
            switch action {
            case .start(let slot, let cause, let ticket): start(slot, cause, for: ticket, in: pool)
            case .run(let ticket, let slot):
                guard let environment = pool.environments[slot] else { continue }
                if let invocation = pool.waiting.removeValue(forKey: ticket) { assign(invocation, to: environment) }
                send(to: environment)
            case .retire(let slot, let reason):
                if let environment = pool.environments[slot] { retire(environment, reason) }
            case .failFast(let ticket):
                if let invocation = pool.waiting.removeValue(forKey: ticket) { failFast(invocation, of: pool) }
            case .reject(let ticket, let rejection):
                if let invocation = pool.waiting.removeValue(forKey: ticket) {
                    reject(invocation, rejection, of: pool)
                }
            }
        }
        if let next = pool.machine.nextDue { ring(at: clock.machineTime(of: next)) }
    }
}

extension RunningEnvironment {
    var status: EnvironmentStatus {
        EnvironmentStatus(
            record: record,
            state: publicState,
            served: served,
            invocation: invocation?.record.id
        )
    }

    private var publicState: EnvironmentStatus.State {
        switch state {
        case .starting: .starting
        case .initializing: .initializing
        case .idle: isFrozen ? .frozen : .idle
        case .invoking, .answered: .invoking
        case .ending: .ending
        }
    }
}
