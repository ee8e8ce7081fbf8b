import LoopDaemon
import LoopModel
import LoopOS
import LoopReports
import LoopWire

extension CheckOrder {
    /// Runs a suite of tests and prints what its tests do to each other.
    ///
    /// - Throws: ``CommandFailure`` when it cannot be run.
    func perform(_ suite: SuiteOrder, on console: Console) async throws -> CommandStatus {
        var plan = try suite.plan(in: ThisProcess.folder)
        (plan.pythons, plan.loops, plan.threshold) = (pythons, loops, threshold)
        (plan.packages, plan.variables) = (try input.packages(), input.variables)
        let functions = [plan.suite]
        let paths = RepositoryPaths(functions, in: ThisProcess.folder)
        let comparison = try baseline.comparison()
        let line = ProgressLine(on: console)
        var report: CheckReport
        do {
            report = try await SuiteCheck(plan) { line.show($0) }.run()
            line.clear()
        } catch {
            line.clear()
            throw CommandFailure.checkFailed("\(error)")
        }
        return try conclude(&report, on: functions, paths, comparison, console)
    }
}

/// A suite as it was ordered.
struct SuiteOrder {
    /// Test files, folders and node ids.
    var targets: [String]
    /// Further arguments of pytest's.
    var arguments: [String]
    /// The longest that one test may take; nil: as is usual.
    var timeout: Duration?

    /// What is to be run.
    ///
    /// - Parameter folder: where pytest is to be started.
    /// - Returns: a plan for the usual interpreter and loop.
    /// - Throws: ``CommandFailure`` when a target is not there.
    func plan(in folder: String) throws(CommandFailure) -> SuitePlan {
        for target in targets {
            let file = target.firstRange(of: "::").map { String(target[..<$0.lowerBound]) } ?? target
            guard FileStamp(path: SettingsLoader.absolute(file, in: folder)) != nil else {
                throw .noTarget(
                    "There is no \(file).",
                    hint: "Name test files, folders or node ids, as in tests/test_orders.py::test_create."
                )
            }
        }
        var plan = SuitePlan(folder: folder, targets: targets, arguments: arguments)
        plan.timeout = timeout
        return plan
    }
}
