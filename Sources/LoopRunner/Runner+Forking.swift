internal import LoopModel
internal import LoopOS
internal import NIOCore

/// How the process of an environment comes to be; its record says which way it was.
extension Runner {
    /// Starts it: as a fork of a zygote where that is wanted and can be had, else from a fresh interpreter.
    func startProcess(of environment: RunningEnvironment, _ program: RuntimeProgram, _ launch: ProcessLaunch) {
        guard let order = ZygoteOrder(environment.configuration, program, launch) else {
            return spawn(environment, launch)
        }
        // Whoever waits for a zygote does not wait for the handler yet.
        environment.deadline = nil
        zygotes.withZygote(of: order, patience: environment.configuration.initTimeout) { [self] result in
            assumeIsolated { runner in
                // Ended while the zygote was being started.
                guard environment.end == nil else { return runner.finish(environment) }
                runner.startClock(of: environment)
                switch result {
                case .success(let zygote): runner.fork(environment, launch, from: zygote, order)
                case .failure: runner.spawn(environment, launch)
                }
            }
        }
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
        environment.record.start = .fork
        Spawner.shared.fork(launch, from: zygote, order: ZygoteOrder.words(for: launch)) { [eventLoop] result in
            eventLoop.execute {
                self.assumeIsolated { runner in
                    switch result {
                    case .success(let process): runner.launched(environment, process)
                    case .failure(let failure):
                        runner.zygotes.failed(zygote, of: order, failure)
                        guard environment.end == nil else { return runner.finish(environment) }
                        runner.spawn(environment, launch)
                    }
                }
            }
        }
    }
}
