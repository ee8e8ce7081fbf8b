internal import Logging
internal import LoopModel
internal import LoopOS
internal import LoopWire
internal import NIOCore

extension Runner {
    // MARK: Starting

    /// Starts an environment for its first invocation, or ahead of it.
    func start(
        _ slot: PoolStateMachine.Slot,
        _ cause: ColdStartCause,
        for ticket: PoolStateMachine.Ticket?,
        in pool: FunctionPool
    ) {
        let configuration = pool.configuration
        let runtime = try? runtimes.runtime(of: configuration)
        let keptPlace = keptPlace(cause, in: pool)
        let readyFolder = keptPlace == nil ? folders.takeReady() : nil
        let id = readyFolder ?? .random()
        let environment = RunningEnvironment(
            slot: slot,
            pool: pool,
            runtime: runtime,
            record: EnvironmentRecord(
                id: id,
                function: configuration.name,
                host: configuration.host,
                loop: configuration.loop,
                start: configuration.start,
                cause: cause,
                startedAt: Self.wallNow()
            ),
            folder: folders.folder(of: id),
            startedAt: Self.now(),
            place: keptPlace ?? EnvironmentPlace(scratch: folders.scratch(of: id))
        )
        environment.hasFolder = readyFolder != nil
        goOn(environment, for: ticket)
        environment.record.logStyle = LogStyle(of: configuration)
        pool.environments[slot] = environment
        observer.environmentStarted(environment.record)
        if let ticket, let invocation = pool.waiting.removeValue(forKey: ticket) {
            assign(invocation, to: environment)
        }
        // As it is now: a change while the handler is being loaded makes the environment stale.
        environment.files = configuration.knownFiles.compactMap { WatchedFile(now: $0) }
        if ticket == nil { pool.provisionedFrom = environment.files }
        prepare(environment)
    }

    func launch(_ environment: RunningEnvironment, _ program: RuntimeProgram) {
        // Ended while its program was being found.
        guard environment.end == nil else {
            finish(environment)
            return
        }
        do {
            environment.keepsJournal = program.hasProbe
            if !environment.hasFolder {
                try EnvironmentFolders.make(
                    environment.folder,
                    scratch: environment.place.scratch,
                    hasJournal: program.hasProbe
                )
            }
            environment.wire = try wire(for: environment, program.speaks)
            // Where the modules of layers are depends on it.
            if environment.record.pythonVersion.isEmpty { environment.record.pythonVersion = program.version }
            if program.hasProbe, program.speaks == .runtimeAPI { try writeSettings(of: environment) }
        } catch {
            notLaunched(environment, "\(error)")
            return
        }
        startClock(of: environment)
        let settings = WorkerSettings(environment: environment, daemon: variables)
        var launch = settings.launch(program)
        launch.group = groupOrder(for: environment)
        startProcess(of: environment, program, launch)
    }

    /// From here on: that an interpreter had to be asked for its version, or a zygote started, is not the handler's time.
    func startClock(of environment: RunningEnvironment) {
        environment.startedAt = Self.now()
        environment.clockAhead = clock.ahead
        let deadline = initDeadline(of: environment)
        environment.deadline = deadline
        ring(at: deadline)
    }

    /// The wire that an environment's process will find.
    private func wire(for environment: RunningEnvironment, _ kind: RuntimeWire) throws -> any EnvironmentWire {
        switch kind {
        case .workerChannel:
            let wire = WorkerWire(environment, socket: socketPath)
            awaited[environment.token] = wire
            return wire
        case .runtimeAPI:
            // Nobody says hello there.
            environment.state = .initializing
            return try RuntimeAPIWire(environment, of: self)
        }
    }

    /// Notes that an environment has a process.
    func take(_ process: ChildProcess, for environment: RunningEnvironment) {
        environment.process = process
        noteGroup(of: environment)
        listen(to: process, of: environment)
        environment.record.processID = process.processID
    }

    func launched(_ environment: RunningEnvironment, _ process: ChildProcess) {
        take(process, for: environment)
        do {
            try watcher.watch(process) { [eventLoop] end in
                eventLoop.execute { self.assumeIsolated { $0.processEnded(end, of: environment) } }
            }
        } catch {
            process.kill()
            notLaunched(environment, "\(error)")
            return
        }
        // Ended while it was being started.
        if environment.end != nil { process.kill() }
    }

    func notLaunched(_ environment: RunningEnvironment, _ reason: String) {
        logger.error(
            "An environment could not be started",
            metadata: ["function": "\(environment.record.function)", "reason": "\(reason)"]
        )
        decide(environment, .notLaunched(reason))
        finish(environment)
    }

    /// A process has said its token.
    ///
    /// - Returns: the wire that waits for it; nil when no such process was started.
    func connected(_ hello: WorkerHello, on channel: any Channel) -> WorkerWire? {
        guard let wire = awaited.removeValue(forKey: hello.token), wire.environment.end == nil else { return nil }
        let environment = wire.environment
        wire.channel = channel
        guard greeted(environment, hello) else { return wire }
        environment.state = .initializing
        let frame = DaemonFrame.configuration(settings(of: environment))
        channel.writeAndFlush(ByteBuffer(bytes: frame), promise: nil)
        return wire
    }

    /// A worker has said who it is.
    ///
    /// - Returns: whether it can be talked to; else it is being ended.
    @discardableResult
    func greeted(_ environment: RunningEnvironment, _ hello: WorkerHello) -> Bool {
        environment.record.pythonVersion = hello.python
        environment.record.descriptorLimit = hello.descriptorLimit ?? 0
        if hello.protocol == WorkerHello.supportedProtocol { return true }
        kill(environment, because: .protocolBroken("protocol \(hello.protocol)"))
        return false
    }

    /// What a worker is told of the environment that it is.
    func settings(of environment: RunningEnvironment) -> JSON {
        var settings = WorkerSettings(environment: environment, daemon: variables)
        settings.readsSources = readsSources
        settings.tellsImports = tellsImports
        return settings.configuration(initDeadline: environment.deadline ?? Self.now())
    }

    // MARK: What a worker says

    func received(_ message: WorkerMessage, in bytes: ByteBuffer, from environment: RunningEnvironment) {
        switch message {
        case .ready(let ready):
            take(bytes.slice(ready.events), from: environment)
            loaded(ready.info, environment)
        case .reply(let reply):
            take(bytes.slice(reply.events), from: environment)
            if environment.end == nil { replied(reply, in: bytes, from: environment) }
        case .initError(let error):
            take(bytes.slice(error.events), from: environment)
            guard environment.state == .initializing else {
                kill(environment, because: .protocolBroken("an init error after the start"))
                return
            }
            let payload = bytes.slice(error.payload)
            decide(environment, .initFailed(payload: Array(payload.readableBytesView)))
            // It ends by itself; what it still prints belongs to the invocation.
            begin([.wait(.milliseconds(500))], of: environment)
        case .events(let events), .bye(let events):
            take(bytes.slice(events), from: environment)
        case .alive(let events):
            take(bytes.slice(events), from: environment)
            rested(environment)
        case .imports(let imports):
            guard environment.awaitsImports else { break }
            environment.awaitsImports = false
            observer.environmentImported(environment.record.id, ImportReport(imports))
        case .faultApplied(let ordinal):
            faulted(ordinal, environment)
        case .hello:
            kill(environment, because: .protocolBroken("a second hello"))
        case .unknown:
            break
        }
    }

    private func take(_ block: ByteBuffer, from environment: RunningEnvironment) {
        let decoded = environment.decoder.decode(block.readableBytesSpan)
        environment.events += decoded.events
        if environment.events.count > Self.mostEvents {
            kill(environment, because: .protocolBroken("more than \(Self.mostEvents) events in one go"))
        }
        if let failure = decoded.failure { kill(environment, because: .protocolBroken("\(failure)")) }
    }

    /// How many events may come between two calls of the observer; two full journals have fewer.
    private static let mostEvents = 1 << 18

    /// A handler is loaded, of which the process may have said something.
    func loaded(_ info: WorkerInfo?, _ environment: RunningEnvironment) {
        guard environment.end == nil else { return }
        guard environment.state == .initializing else {
            kill(environment, because: .protocolBroken("ready a second time"))
            return
        }
        environment.record.descriptorsAtReady = max(info?.descriptors ?? 0, 0)
        if let limit = info?.descriptorLimit { environment.record.descriptorLimit = limit }
        environment.answering = info?.answering
        environment.tellsWhatIsAlive = info?.tellsWhatIsAlive ?? false
        environment.record.disabledHooks = (info?.disabled ?? []).map { "\($0.hook): \($0.reason)" }
        // Each is looked at before each invocation: once, also where it was known before (the handler's own).
        let known = Set(environment.files)
        environment.files += (info?.modules ?? []).map(WatchedFile.init).filter { !known.contains($0) }
        let initialization = noteInit(of: environment)
        environment.initialization = initialization
        environment.wasReady = true
        environment.deadline = nil
        noteOutput(of: environment, .initialization)
        limitProcessors(of: environment)
        observer.environmentReady(
            environment.record,
            events: environment.takeEvents(),
            initialization: initialization
        )
        if let imports = info?.imports {
            environment.awaitsImports = true
            observer.environmentImported(
                environment.record.id,
                ImportReport(imports, initialization: initialization, refusal: environment.forkRefusal)
            )
        }
        takeIntoService(environment)
    }

    // MARK: Ending

    /// Settles why an environment ends, and takes it out of service; what was settled first stands.
    func decide(_ environment: RunningEnvironment, _ end: EnvironmentEnd) {
        guard environment.end == nil else { return }
        environment.end = end
        environment.state = .ending
        environment.deadline = nil
        awaited[environment.token] = nil
        environment.pool.machine.ending(environment.slot)
    }

    /// Ends an idle environment.
    func retire(_ environment: RunningEnvironment, _ reason: PoolStateMachine.RetireReason) {
        guard environment.end == nil else { return }
        decide(environment, .retired(reason))
        thaw(environment)
        if let teardown = teardown(of: environment) {
            begin(teardown.steps, of: environment)
            return
        }
        let isAsked = environment.wire?.askToEnd(reason.rawValue) ?? false
        begin(isAsked ? teardown.steps : [], of: environment)
    }

    /// Ends an environment by SIGTERM, and if it does not end in the time allowed by SIGKILL.
    func terminate(_ environment: RunningEnvironment, allowing time: Duration) {
        guard environment.end == nil else { return }
        decide(environment, .terminated)
        thaw(environment)
        begin([.terminate(time)], of: environment)
    }

    /// Ends an environment at once.
    func kill(_ environment: RunningEnvironment, because end: EnvironmentEnd) {
        // The last look that anybody can take.
        if environment.state == .invoking { lookAtMemory(of: environment) }
        decide(environment, end)
        begin([], of: environment)
    }

    /// What a worker sent could not be read.
    func protocolBroken(by environment: RunningEnvironment, _ failure: WireFailure) {
        if case .frameTooLong(WorkerMessage.replyType, _) = failure, environment.state == .invoking {
            kill(environment, because: .replyTooLong)
        } else {
            kill(environment, because: .protocolBroken("\(failure)"))
        }
    }

    func begin(_ steps: [Teardown.Step], of environment: RunningEnvironment) {
        environment.teardown = steps
        stepDown(environment)
    }

    /// Takes the next step of the teardown; the last is SIGKILL.
    private func stepDown(_ environment: RunningEnvironment) {
        guard environment.processEnd == nil else { return }
        let allowed: Duration
        if environment.teardown.isEmpty {
            environment.process?.kill()
            allowed = Self.dyingTime
        } else {
            let step = environment.teardown.removeFirst()
            if step.signal != 0 { environment.process?.signalGroup(step.signal) }
            allowed = step.allowed
        }
        let deadline = Self.now() + allowed
        environment.deadline = deadline
        ring(at: deadline)
    }

    /// How long a killed process may take to be gone, and its channel to be at its end, before its invocation is ended
    /// without waiting any longer.
    private static let dyingTime = Duration.seconds(1)

    /// An environment's deadline has come.
    func expired(_ environment: RunningEnvironment) {
        environment.deadline = nil
        if environment.processEnd != nil {
            // Something that was not found holds the channel open.
            environment.wire?.close()
            return
        }
        switch environment.state {
        case .starting, .initializing:
            kill(environment, because: environment.attempts.phase == .invocation ? .timedOut : .initTimedOut)
        // What comes after an answer has the time of its invocation, too.
        case .invoking, .answered: kill(environment, because: .timedOut)
        case .idle: break
        case .ending:
            if !environment.teardown.isEmpty {
                stepDown(environment)
            } else {
                // In a call that cannot be interrupted: the slot stays taken, but nobody waits for the answer.
                environment.process?.kill()
                failInvocation(of: environment)
                environment.deadline = Self.now() + Self.dyingTime
            }
        }
    }

    /// A worker's channel is at its end.
    func channelClosed(_ wire: WorkerWire) {
        let environment = wire.environment
        wire.channel = nil
        if environment.processEnd != nil {
            decide(environment, .exited)
            finish(environment)
        } else if environment.end == nil, environment.process?.isEnding == false {
            kill(environment, because: .channelLost)
        }
        // Else the process is ending, and the watcher will say how.
    }

    func processEnded(_ end: ProcessEnd, of environment: RunningEnvironment) {
        environment.processEnd = end
        noteMemoryKill(of: environment)
        if environment.wire?.isOpen != true {
            decide(environment, .exited)
            finish(environment)
        } else {
            // What it had sent before its end is read first, and may be an answer still.
            environment.pool.machine.ending(environment.slot)
            let deadline = Self.now() + Self.dyingTime
            environment.deadline = deadline
            ring(at: deadline)
        }
    }

    /// The last step of an environment's life: nothing of it runs, and all that it said was read.
    func finish(_ environment: RunningEnvironment) {
        let pool = environment.pool
        guard let end = environment.end, pool.environments[environment.slot] === environment else { return }
        environment.deadline = nil
        environment.wire?.close()
        environment.wire = nil
        environment.heldAnswer?.open()
        environment.heldAnswer = nil
        endFreeze(of: environment)
        if replacesFork(of: environment) || repeatsInit(of: environment) { return }
        let journal = environment.readJournal()
        environment.events += environment.decoder.decode(journal: journal.span.bytes)
        failInvocation(of: environment)
        let status = environment.processEnd?.status
        environment.record.endedAt = Self.wallNow()
        environment.record.end = environment.memory.end ?? end.text(status: status)
        environment.record.shutdownReason = end.shutdownReason
        noteOutput(of: environment, .shutdown)
        observer.environmentEnded(environment.record, events: environment.takeEvents())
        pool.environments[environment.slot] = nil
        let path = environment.folder
        helper.run { try? Folder.removeAll(path) }
        vacate(environment)
        let actions = pool.machine.ended(
            environment.slot,
            cause: environment.lossCause(by: end),
            now: clock.now()
        ) { pool.isFresh($0) }
        perform(actions, of: pool)
        settle(pool)
    }

    /// Gives the invocation of an environment that ends its terminal state, if it has none.
    private func failInvocation(of environment: RunningEnvironment) {
        guard let end = environment.end else { return }
        let failure = InvocationFailure(
            end: end,
            status: environment.processEnd?.status,
            configuration: environment.configuration,
            epoch: epoch
        )
        if end.cause(wasReady: environment.wasReady) == .initFailure { environment.pool.lastInitFailure = failure }
        guard let invocation = environment.invocation else { return }
        let ran = invocation.sentAt.map { Self.now() - $0 } ?? .zero
        if !environment.wasReady {
            noteInitFailure(of: environment)
            environment.initialization = environment.attempts.total
        }
        // An invocation cut off by its deadline took what it was given; what came after was the killing.
        let duration = end == .timedOut ? min(ran, environment.configuration.timeout) : ran
        fail(environment, failure, duration: max(duration, .zero))
    }
}
