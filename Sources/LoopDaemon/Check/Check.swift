package import LoopModel
import LoopOS
import LoopRunner

/// Leads environments through a plan's lives, as many at once as the machine has cores, and reports what became of them.
package struct Check: Sendable {
    private static let uvloopIsMissing = "Unable to import module 'uvloop'"

    private let plan: CheckPlan
    /// Called with how many of how many lives are over.
    private let progress: @Sendable (_ done: Int, _ of: Int) -> Void

    package init(_ plan: CheckPlan, progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }) {
        self.plan = plan
        self.progress = progress
    }

    /// - Throws: when the system lacks what a check needs.
    package func run() async throws -> CheckReport {
        let cells = plan.cells
        let locator = InterpreterLocator(environment: ThisProcess.environment)
        async let hints = onThread(named: "ruff") { StaticHints.hints(on: plan.functions) }
        let outcome = try await EmbeddedRunner.run(cells.map(\.configuration), locator: locator) { runner in
            try await lives(of: cells, on: runner, locator)
        }
        let runs = zip(cells, outcome.result).map { cell, life -> CheckRun in
            var run = life
            run.findings = outcome.findings.filter { $0.function == cell.configuration.name }.map { finding in
                var finding = finding
                finding.function = cell.function
                return finding
            }
            return run
        }
        return CheckReport(runs: runs, hints: try await hints, threshold: plan.threshold)
    }

    private func lives(
        of cells: [CheckPlan.Cell],
        on runner: EmbeddedRunner,
        _ locator: InterpreterLocator
    ) async throws -> [CheckRun] {
        try await withThrowingTaskGroup(of: (Int, CheckRun).self) { group in
            var runs: [CheckRun?] = Array(repeating: nil, count: cells.count)
            var next = 0
            func begin() {
                guard next < cells.count else { return }
                let index = next
                next += 1
                group.addTask { (index, try await life(of: cells[index], on: runner, locator)) }
            }
            for _ in 0..<max(ThisProcess.processors, 1) { begin() }
            var done = 0
            while let (index, run) = try await group.next() {
                runs[index] = run
                done += 1
                progress(done, cells.count)
                begin()
            }
            return runs.compactMap(\.self)
        }
    }

    private func life(
        of cell: CheckPlan.Cell,
        on runner: EmbeddedRunner,
        _ locator: InterpreterLocator
    ) async throws -> CheckRun {
        let configuration = cell.configuration
        var run = CheckRun(
            function: cell.function,
            host: configuration.host,
            python: configuration.python,
            loop: configuration.loop,
            schedule: plan.schedule.name
        )
        do {
            run.python = try await onThread(named: "interpreter") {
                try locator.locate(configuration.python, from: configuration.root).version.description
            }
        } catch {
            run.obstacle = "\(error)"
            return run
        }
        for (ordinal, event) in plan.schedule.events.enumerated() {
            let record = try await runner.invoke(configuration.name, event: event, isCold: ordinal == 0).record
            if ordinal == 0, configuration.loop == .uvloop, record.errorMessage?.hasPrefix(Self.uvloopIsMissing) == true
            {
                run.obstacle = "this Python has no uvloop"
                return run
            }
            run.invocations.append(record)
            // What cannot even be loaded is loaded in vain a second time.
            if record.outcome != .ok, record.ordinal == nil { break }
        }
        return run
    }
}
