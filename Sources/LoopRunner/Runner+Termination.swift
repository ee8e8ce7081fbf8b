package import LoopModel

extension Runner {
    /// Asks a function's environments to end, as AWS Lambda does where an extension is registered: by SIGTERM, and by
    /// SIGKILL when the time allowed is over (facts: lambda §3).
    ///
    /// The observer is told of their ends.
    package func terminate(_ name: FunctionName, allowing time: Duration) {
        for environment in pools[name]?.ordered ?? [] { terminate(environment, allowing: time) }
    }
}
