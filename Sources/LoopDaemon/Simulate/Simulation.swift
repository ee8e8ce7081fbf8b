package import LoopModel
import LoopOS
import LoopRunner

/// Drives functions by a scenario, in environments of its own and in simulated time, and reports what became of them.
package struct Simulation: Sendable {
    private let scenario: Scenario
    private let plan: Plan

    /// How it is done.
    package struct Plan: Sendable {
        /// By which the history knows it.
        package var run: RunName
        /// The scenario's file, as it was named.
        package var title: String
        /// The state folder that keeps its history; nil: that is thrown away.
        package var state: String?
        /// The mildest finding that counts.
        package var threshold = Severity.warning

        package init(run: RunName, title: String) {
            self.run = run
            self.title = title
        }
    }

    package init(_ scenario: Scenario, _ plan: Plan) {
        self.scenario = scenario
        self.plan = plan
    }

    /// Does it; afterwards no process and no file of it is left but the history that is kept.
    ///
    /// - Parameters:
    ///   - stop: ends it early; what was done until then is reported.
    ///   - progress: told how far it is.
    /// - Returns: what became of the functions.
    /// - Throws: ``DaemonFailure`` or ``CheckFailure`` when the system or a function lacks what it needs.
    package func report(
        stop: SimulationStop,
        progress: @escaping @Sendable (SimulationProgress) -> Void
    ) async throws -> SimulationReport {
        let locator = InterpreterLocator(environment: ThisProcess.environment)
        let functions = try await seated(locator, progress)
        let (clock, bell) = (PoolClock(), Bell())
        stop.use(bell)
        let names = functions.map(\.name)
        let observed = Locked<SimulationObserver?>(nil)
        var setting = EmbeddedSetting()
        (setting.state, setting.clock, setting.followsLambda, setting.groups) = (plan.state, clock, true, .auto)
        setting.observing = { next in
            let observer = SimulationObserver(before: next, of: names, clock: clock, bell: bell)
            observed.withLock { $0 = observer }
            return observer
        }
        return try await EmbeddedRunner.run(locator: locator, setting: setting) { runner in
            guard let observer = observed.withLock({ $0 }) else { preconditionFailure("a runner has an observer") }
            if plan.state != nil, try await runner.knows(plan.run) {
                throw CheckFailure.nameTaken(plan.run)
            }
            for function in functions { await runner.add(function) }
            let begin = clock.now()
            observer.begins(at: begin)
            let driver = SimulationDriver(
                scenario,
                named: plan.run,
                on: runner,
                observer,
                clock: clock,
                begin: begin,
                bell: bell,
                stop: stop
            ) { moment in
                let extent = observer.extent
                progress(
                    SimulationProgress(
                        moment: moment,
                        duration: scenario.duration,
                        invocations: extent.invocations,
                        environments: extent.environments
                    )
                )
            }
            let simulated = await driver.drive()
            let took = simulated - clock.ahead
            await runner.end(grace: .zero)
            let (findings, leaked) = try await runner.findings(of: plan.run)
            var report = SimulationReport(
                run: plan.run,
                scenario: plan.title,
                seed: scenario.seed,
                planned: scenario.duration,
                simulated: simulated,
                took: took,
                isInterrupted: stop.isAsked,
                functions: observer.tallies,
                findings: findings,
                loopsLeaked: leaked
            )
            report.threshold = plan.threshold
            report.omissions = scenario.omissions
            return report
        }
    }

    /// The functions, each with the interpreter that `check` would run it on.
    private func seated(
        _ locator: InterpreterLocator,
        _ progress: @escaping @Sendable (SimulationProgress) -> Void
    ) async throws -> [FunctionConfiguration] {
        let plan: CheckPlan
        do throws(CheckScheduleFailure) {
            plan = try CheckPlan(functions: scenario.functions, schedules: [], events: [])
        } catch {
            throw CheckFailure.rejected("\(error)")
        }
        let seats = Seats(plan.packages, locator, for: plan.cells) { progress(SimulationProgress(notice: $0.text)) }
        // Those with a program of their own need none.
        let found = try await seats.seats(of: plan.cells.filter { $0.usual.runtime == "python" })
        return try plan.cells.map { cell in
            var function = cell.usual
            guard function.runtime == "python" else { return function }
            switch found[cell.index] {
            case .success(let seat): function.python = seat.interpreter.path
            case .failure(let failure):
                let hint = failure.details ?? ""
                throw CheckFailure.target("\(function.name) cannot be run: \(failure).", hint: hint)
            case nil: throw CheckFailure.rejected("\(function.name) has no interpreter.")
            }
            // uvloop's clock cannot be put forward.
            function.simulatesIdle = function.loop != .uvloop
            return function
        }
    }
}

/// How far a simulation has come.
package struct SimulationProgress: Sendable {
    /// For people: `12 min 0 s of 2 h 0 min, 340 invocations, 3 environments`.
    package var text: String
    /// Whether it is worth a line where nothing is written over.
    package var isNotice = false

    init(moment: Duration, duration: Duration, invocations: Int, environments: Int) {
        let counts = "\(invocations) invocation\(invocations == 1 ? "" : "s")"
        let there = "\(environments) environment\(environments == 1 ? "" : "s")"
        text = "\(moment.spoken) of \(duration.spoken), \(counts), \(there)"
    }

    init(notice: String) {
        text = notice
        isNotice = true
    }
}
