internal import Logging
package import LoopModel
internal import LoopOS
internal import NIOCore

/// What environments are started from: found, or installed, before there is a process.
extension Runner {
    /// Finds the program of an environment and starts it.
    func prepare(_ environment: RunningEnvironment) {
        guard let runtime = environment.runtime else {
            notLaunched(environment, "\(RuntimeFailure.unknownRuntime(environment.configuration.runtime))")
            return
        }
        let configuration = environment.configuration
        if let program = runtime.knownProgram(for: configuration) {
            isReady(environment.pool, configuration)
            launch(environment, program)
        } else if let failure = environment.pool.installFailure, failure.stands(for: configuration, at: Self.now()) {
            prepared(environment, .failure(failure.why))
        } else if runtime.isLengthy(for: configuration) {
            let isFirst = environment.pool.unprepared[configuration] == nil
            environment.pool.unprepared[configuration, default: []].append(environment)
            if isFirst { install(configuration, for: environment.pool, runtime) }
        } else {
            helper.run { [eventLoop] in
                let result = Result { () throws(RuntimeFailure) in try runtime.program(for: configuration) }
                eventLoop.execute { self.assumeIsolated { $0.prepared(environment, result) } }
            }
        }
    }

    /// Begins to install what a function needs, so that its first invocation need not wait for it.
    func prepareAhead(_ pool: FunctionPool) {
        let configuration = pool.configuration
        pool.readiness.state = .ready
        guard let runtime = try? runtimes.runtime(of: configuration), runtime.isLengthy(for: configuration),
            runtime.knownProgram(for: configuration) == nil, pool.unprepared[configuration] == nil
        else { return }
        pool.unprepared[configuration] = []
        install(configuration, for: pool, runtime)
    }

    /// Ends what is being installed, and the environments that wait for it.
    func abandonPreparations() {
        builder?.stop()
        for pool in Array(pools.values) + removed {
            let waiting = pool.unprepared.values.flatMap(\.self)
            for configuration in pool.unprepared.keys { pool.unprepared[configuration] = [] }
            for environment in waiting {
                kill(environment, because: .killed)
                finish(environment)
            }
        }
    }

    /// One after the other, each function once, however many environments wait for it.
    private func install(_ configuration: FunctionConfiguration, for pool: FunctionPool, _ runtime: any Runtime) {
        guard let thread = installingThread() else {
            return installed(configuration, pool, .failure(.files(SystemFailure(call: "pthread_create", code: 11))))
        }
        thread.run { [eventLoop] in
            let result = Result { () throws(RuntimeFailure) in
                try runtime.program(for: configuration) { text in
                    eventLoop.execute { self.assumeIsolated { $0.goesOn(text, with: configuration, pool) } }
                }
            }
            eventLoop.execute { self.assumeIsolated { $0.installed(configuration, pool, result) } }
        }
    }

    private func installingThread() -> WorkThread? {
        if installer == nil { installer = try? WorkThread(named: "lw-packages") }
        return installer
    }

    private func goesOn(_ text: String, with configuration: FunctionConfiguration, _ pool: FunctionPool) {
        guard pool.configuration == configuration, pool.unprepared[configuration] != nil else { return }
        if pool.readiness.state == .ready {
            logger.notice(
                "The packages of a function are being installed",
                metadata: ["function": "\(configuration.name)"]
            )
        }
        pool.readiness.state = .preparing(text)
    }

    private func installed(
        _ configuration: FunctionConfiguration,
        _ pool: FunctionPool,
        _ result: Result<RuntimeProgram, RuntimeFailure>
    ) {
        let waiting = pool.unprepared.removeValue(forKey: configuration) ?? []
        switch result {
        case .success: isReady(pool, configuration)
        case .failure(let failure):
            if case .packages(let why) = failure, !why.said.isEmpty {
                logger.error(
                    "The packages of a function could not be installed",
                    metadata: ["function": "\(configuration.name)", "said": "\(why.said.joined(separator: "\n"))"]
                )
            }
            hasFailed(pool, configuration, failure)
            pool.installFailure = InstallFailure(of: configuration, why: failure, at: Self.now())
        }
        for environment in waiting { prepared(environment, result) }
    }

    private func isReady(_ pool: FunctionPool, _ configuration: FunctionConfiguration) {
        guard pool.configuration == configuration else { return }
        pool.readiness.state = .ready
        pool.readiness.wasReady = true
    }

    private func hasFailed(_ pool: FunctionPool, _ configuration: FunctionConfiguration, _ failure: RuntimeFailure) {
        if pool.configuration == configuration { pool.readiness.state = .failed("\(failure)") }
    }

    private func prepared(_ environment: RunningEnvironment, _ result: Result<RuntimeProgram, RuntimeFailure>) {
        switch result {
        case .success(let program):
            isReady(environment.pool, environment.configuration)
            launch(environment, program)
        case .failure(let failure):
            hasFailed(environment.pool, environment.configuration, failure)
            environment.isUnprepared = true
            notLaunched(environment, "\(failure)")
        }
    }

    // MARK: Manifests

    /// Has manifests that change read before the next invocation.
    ///
    /// - Parameter reread: called on the event loop; returns nil where the function is to stay as it is.
    package func rereadManifests(_ reread: @escaping @Sendable (FunctionConfiguration) -> FunctionConfiguration?) {
        self.reread = reread
    }

    /// Takes up what a function's manifest says now, if it was changed.
    func refresh(_ pool: FunctionPool) {
        guard let reread, let manifest = pool.manifest, !manifest.isUnchanged else { return }
        pool.manifest = WatchedFile(now: pool.configuration.source)
        if let configuration = reread(pool.configuration), configuration.name == pool.configuration.name {
            register(configuration)
        }
    }
}
