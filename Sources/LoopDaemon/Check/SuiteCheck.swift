package import LoopModel
import LoopOS
import LoopRunner

/// Leads sessions of pytest, one on each interpreter and kind of loop, and reports what their tests do to each other.
package struct SuiteCheck: Sendable {
    /// What the worker says where pytest, or something that it was to run, is not there.
    private static let obstacles: Set<String> = ["Runtime.MissingPytest", "Runtime.NoTests"]

    private let plan: SuitePlan
    private let progress: @Sendable (String) -> Void

    /// - Parameters:
    ///   - plan: what is to be run where.
    ///   - progress: called with what goes on, for people.
    package init(_ plan: SuitePlan, progress: @escaping @Sendable (String) -> Void = { _ in }) {
        self.plan = plan
        self.progress = progress
    }

    /// - Throws: when the system lacks what a check needs.
    package func run() async throws -> CheckReport {
        let locator = InterpreterLocator(environment: ThisProcess.environment)
        let cells = plan.cells
        let runs = try await EmbeddedRunner.run(locator: locator) { runner in
            let seats = try await Seats(plan.packages, locator, for: cells) { progress($0.text) }.seats(of: cells)
            let turns = Turns(ThisProcess.processors)
            return try await withThrowingTaskGroup(of: (Int, CheckRun).self) { group in
                for cell in cells {
                    group.addTask {
                        let run = try await turns.withTurn {
                            try await self.run(cell, seats[cell.index], on: runner)
                        }
                        return (cell.index, run)
                    }
                }
                var runs: [CheckRun?] = Array(repeating: nil, count: cells.count)
                for try await (index, run) in group { runs[index] = run }
                return runs.compactMap(\.self)
            }
        }
        return CheckReport(runs: runs, threshold: plan.threshold)
    }

    private func run(
        _ cell: CheckPlan.Cell,
        _ seat: Result<Seats.Seat, SeatFailure>?,
        on runner: EmbeddedRunner
    ) async throws -> CheckRun {
        var suite = cell.configuration
        var run = CheckRun(in: cell, schedule: "session")
        switch seat {
        case .success(let seat):
            seat.describe(&run)
            suite.python = seat.interpreter.path
        case .failure(let failure):
            (run.obstacle, run.advice) = ("\(failure)", failure.details)
            return run
        case nil: return run
        }
        let place = "Python \(run.python), \(suite.loop.rawValue)"
        progress("\(place): collecting tests")
        suite.name = FunctionName(sanitizing: "tests-\(cell.index)")
        let session = try await SuiteSession(of: suite, on: runner) { done, count in
            progress("\(place): \(done) of \(count) tests")
        }
        guard session.collection.outcome == .ok else {
            return Self.uncollected(session.collection, run)
        }
        run.invocations = session.records
        run.session = TestSession(tests: session.tests, notes: session.notes)
        let review = SuiteReview(of: session, suite, plan, on: runner) { progress("\(place): \($0)") }
        run.session?.dependences = try await review.dependences()
        run.findings = session.findings.map { finding in
            var finding = finding
            finding.function = cell.usual.name
            return finding
        }
        return run
    }

    /// A session that came to nothing.
    private static func uncollected(_ collection: InvocationRecord, _ run: CheckRun) -> CheckRun {
        var run = run
        if run.loop == .uvloop, collection.lacksUvloop {
            run.obstacle = "this Python has no uvloop"
        } else if collection.errorType.map(obstacles.contains) == true {
            run.obstacle = collection.errorMessage
        } else {
            run.invocations = [collection]
            run.session = TestSession(tests: [])
        }
        return run
    }
}
