package import LoopModel
import LoopOS
import LoopRunner

/// Leads environments through a plan's lives, as many at once as the machine has cores, and reports what became of them.
package struct Check: Sendable {
    private let plan: CheckPlan
    private let progress: @Sendable (CheckProgress) -> Void

    /// - Parameters:
    ///   - plan: what is to be led through which lives.
    ///   - progress: called each time when something has begun or is over.
    package init(_ plan: CheckPlan, progress: @escaping @Sendable (CheckProgress) -> Void = { _ in }) {
        self.plan = plan
        self.progress = progress
    }

    /// - Throws: when the system lacks what a check needs.
    package func run() async throws -> CheckReport {
        let locator = InterpreterLocator(environment: ThisProcess.environment)
        async let hints = onThread(named: "ruff") { StaticHints.hints(on: plan.functions) }
        let runs = try await EmbeddedRunner.run(locator: locator) { runner in
            let guide = CheckGuide(plan, on: runner, locator, progress: progress)
            let firsts = try await guide.leadAll()
            return try await CheckReview(plan, guide).runs(after: firsts)
        }
        return CheckReport(runs: runs, hints: try await hints, threshold: plan.threshold)
    }
}

/// How far a check has come.
package struct CheckProgress: Sendable {
    /// Lives that are over.
    package var done: Int
    /// Lives that there are to be, so far as is known.
    package var count: Int
    /// What was begun last, such as `orders: after-timeout on kept, 3.11`.
    package var now: String
    /// Whether it begins something before any life that takes a while: worth a line where nothing is written over.
    package var isNotice = false

    init(done: Int, count: Int, now: String) { (self.done, self.count, self.now) = (done, count, now) }

    init(done: Int, count: Int, installing step: EnvironmentBuilder.Progress) {
        self.init(done: done, count: count, now: step.text)
        if case .began = step { isNotice = true }
    }

    /// For people: `3 of 8 lives, now orders: warm on bare, 3.11`.
    package var text: String { count == 0 ? now : "\(done) of \(count) lives, now \(now)" }
}
