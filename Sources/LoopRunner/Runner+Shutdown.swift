internal import LoopModel
internal import LoopOS

extension Runner {
    /// How an environment that nobody needs any more is ended.
    ///
    /// - Returns: nil where it is asked by a frame, and has the runner's usual time.
    func teardown(of environment: RunningEnvironment) -> Teardown? {
        let configuration = environment.configuration
        let usual: ShutdownBudget? = followsLambda && configuration.isLambda ? ShutdownBudget.none : nil
        guard let budget = configuration.shutdown ?? usual else { return nil }
        return budget == .none ? .kill : Teardown(steps: [.terminate(budget.runtimeShare)])
    }
}
