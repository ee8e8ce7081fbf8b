internal import Logging
internal import LoopModel
internal import LoopOS
internal import LoopWire
internal import NIOCore

/// How the process of an environment comes to be; its record says which way it was.
extension Runner {
    /// Starts it: as a fork of a zygote where that is wanted and can be had, else from a fresh interpreter.
    func startProcess(of environment: RunningEnvironment, _ program: RuntimeProgram, _ launch: ProcessLaunch) {
        guard !environment.isNeverForked, let order = ZygoteOrder(environment.configuration, program, launch) else {
            return spawn(environment, program, launch)
        }
        // Whoever waits for a zygote does not wait for the handler yet.
        environment.deadline = nil
        zygotes.withZygote(of: order, patience: environment.configuration.initTimeout) { [self] result in
            assumeIsolated { runner in
                // Ended while the zygote was being started.
                guard environment.end == nil else { return runner.finish(environment) }
                runner.startClock(of: environment)
                switch result {
                case .success(let zygote):
                    environment.files += runner.zygotes.files(of: order)
                    runner.fork(environment, launch, from: zygote, order)
                case .failure(let refusal):
                    environment.forkRefusal = refusal.reason
                    runner.spawn(environment, program, launch)
                }
            }
        }
    }

    private func spawn(_ environment: RunningEnvironment, _ program: RuntimeProgram, _ launch: ProcessLaunch) {
        environment.files += program.traces.compactMap { WatchedFile(now: $0) }
        spawn(environment, launch)
    }

    private func spawn(_ environment: RunningEnvironment, _ launch: ProcessLaunch) {
        environment.record.start = .spawn
        Spawner.shared.spawn(launch) { [eventLoop] result in
            eventLoop.execute {
                self.assumeIsolated { runner in
                    switch result {
                    case .success(let process): runner.launched(environment, process)
                    case .failure(let failure): runner.notLaunched(environment, "\(failure)")
                    }
                }
            }
        }
    }

    private func fork(
        _ environment: RunningEnvironment,
        _ launch: ProcessLaunch,
        from zygote: Zygote,
        _ order: ZygoteOrder
    ) {
        zygotes.withWorker(of: order, from: zygote, ahead: environment.configuration.forkAhead) { [self] result in
            assumeIsolated { runner in
                switch result {
                case .success(let worker): runner.place(worker, environment, launch)
                case .failure(let failure):
                    runner.zygotes.failed(zygote, of: order, failure)
                    guard environment.end == nil else { return runner.finish(environment) }
                    runner.spawn(environment, launch)
                }
            }
        }
    }

    /// Puts a process that waits into its group, if it is to have one, before anything runs in it that counts.
    private func place(_ worker: ForkedWorker, _ environment: RunningEnvironment, _ launch: ProcessLaunch) {
        guard let group = launch.group else { return settle(worker, environment, launch, nil) }
        Spawner.shared.move(worker.process, into: group) { [eventLoop] result in
            eventLoop.execute {
                self.assumeIsolated { runner in
                    // Rather without a group than not at all, as with what is spawned.
                    let isIn = (try? result.get()) != nil
                    runner.settle(worker, environment, launch, isIn ? group.group : nil)
                }
            }
        }
    }

    /// Makes a process that waits an environment's.
    private func settle(
        _ worker: ForkedWorker,
        _ environment: RunningEnvironment,
        _ launch: ProcessLaunch,
        _ group: ControlGroup?
    ) {
        worker.process.join(launch.family, group)
        guard let wire = environment.wire as? WorkerWire, let channel = worker.channel, environment.end == nil else {
            worker.discard()
            return finish(environment)
        }
        environment.record.start = .fork
        awaited[environment.token] = nil
        worker.wire = wire
        wire.channel = channel.isActive ? channel : nil
        take(worker.process, for: environment)
        if let hello = worker.hello { greeted(environment, hello) }
        environment.state = .initializing
        let configuration = settings(of: environment)
        let order = ZygoteOrder.start(launch, configuration: configuration)
        channel.writeAndFlush(ByteBuffer(bytes: DaemonFrame.start(order)), promise: nil)
        worker.whenEnded { [self] end in assumeIsolated { $0.processEnded(end, of: environment) } }
    }

    /// Starts an environment's process once more, from a fresh interpreter, if a fork was to be it that has ended before
    /// it began: nothing of the function has run.
    ///
    /// - Returns: whether it is done; the environment given goes on as another object then.
    func replacesFork(of environment: RunningEnvironment) -> Bool {
        guard environment.record.start == .fork, environment.process != nil, !environment.wasReady,
            shutdownState == nil, pools[environment.record.function] === environment.pool,
            environment.readJournal().allSatisfy({ $0 == 0 })
        else { return false }
        switch environment.end {
        case .exited, .channelLost, .initTimedOut: break
        default: return false
        }
        logger.warning(
            "A fork has ended before it was an environment; a fresh interpreter takes its place",
            metadata: ["function": "\(environment.record.function)"]
        )
        let next = successor(of: environment)
        next.isNeverForked = true
        prepare(next)
        return true
    }
}
