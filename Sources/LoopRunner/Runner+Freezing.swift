package import LoopModel
internal import LoopOS

// Between two invocations an environment may be stopped, as on AWS Lambda: what the handler has left running in the
// background stalls, and goes on in the next invocation.

extension Runner {
    /// Stops the processes of a function's idle environments; those that serve an invocation go on.
    ///
    /// An invocation thaws the environment that it is given to, and so does its end.
    ///
    /// - Returns: how many environments are frozen now.
    @discardableResult
    package func freeze(_ name: FunctionName) -> Int {
        let environments = pools[name]?.ordered ?? []
        for environment in environments { freeze(environment) }
        return environments.count(where: \.isFrozen)
    }

    /// Lets the processes of a function's frozen environments go on.
    package func thaw(_ name: FunctionName) {
        for environment in pools[name]?.ordered ?? [] { thaw(environment) }
    }

    /// Stops an environment's processes if it is idle.
    func freeze(_ environment: RunningEnvironment) {
        guard environment.state == .idle, !environment.isFrozen, environment.processEnd == nil else { return }
        environment.stopped = environment.family.stop()
    }

    /// Lets an environment's processes go on if they were stopped.
    func thaw(_ environment: RunningEnvironment) {
        guard environment.isFrozen else { return }
        environment.family.resume(environment.stopped)
        environment.stopped = []
    }
}
