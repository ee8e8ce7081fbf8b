import LoopDaemon
import LoopModel
import LoopOS
import LoopReports
import LoopWire

/// A check as it was ordered.
struct CheckOrder {
    var targets: [String]
    var hosts: [HostProfile]
    var pythons: [String]
    var loops: [LoopImplementation]
    var event: PayloadArgument
    /// One for each invocation; empty: ``event`` every time.
    var events: [PayloadArgument]
    /// What was asked for; empty: all that apply.
    var schedules: [String]
    var warm: Int
    var threshold: Severity
    var baseline: BaselineFile
    var outputs: CheckOutputs
    var style: OutputStyle

    /// Makes the check and prints what it found.
    ///
    /// - Throws: ``CommandFailure`` when it cannot be made.
    func perform(on console: Console) async throws -> CommandStatus {
        let found = try functions()
        let functions = found.flatMap(\.functions)
        let paths = RepositoryPaths(functions, in: ThisProcess.folder)
        let comparison = try baseline.comparison(by: paths)
        var plan = try plan(for: functions, on: console)
        (plan.hosts, plan.pythons, plan.loops, plan.threshold) = (hosts, pythons, loops, threshold)
        for (target, functions) in found {
            let replay = ReplayCommand(target: target, event: event, events: events)
            for function in functions { plan.commands[function.name] = replay.text(for: function, of: functions.count) }
        }
        let line = ProgressLine(on: console)
        var report: CheckReport
        do {
            report = try await Check(plan) { line.show("\($0.done) of \($0.count) lives, now \($0.now)") }.run()
            line.clear()
        } catch {
            line.clear()
            throw CommandFailure.checkFailed("\(error)")
        }
        let sources = SourceLines(roots: Dictionary(functions.map { ($0.name, $0.root) }) { first, _ in first })
        report.anchor(by: paths, sources)
        report.comparison = comparison
        try baseline.write(&report)
        try print(report, sources, on: console)
        try outputs.write(report, by: paths, sources, on: console)
        return status(of: report.verdict)
    }

    private func plan(
        for functions: [FunctionConfiguration],
        on console: Console
    ) throws(CommandFailure) -> CheckPlan {
        let given =
            events.isEmpty ? try event.events(on: console) : try PayloadArgument.events(events, on: console)
        do throws(CheckScheduleFailure) {
            let chosen: [CheckSchedule]
            if !schedules.isEmpty {
                chosen = try CheckSchedule.chosen(schedules, warm: warm, events: events.isEmpty ? 0 : given.count)
            } else if events.isEmpty {
                // All of several events are tried, however few warm invocations were asked for.
                chosen = CheckSchedule.named(warm: max(warm, given.count - 1))
            } else {
                chosen = [.given(given.count)]
            }
            return try CheckPlan(functions: functions, schedules: chosen, events: given)
        } catch {
            throw .noEvent(error.description, hint: error.hint)
        }
    }

    /// What each target means.
    private func functions() throws(CommandFailure) -> [(target: String, functions: [FunctionConfiguration])] {
        var found: [(String, [FunctionConfiguration])] = []
        for target in targets {
            do {
                found.append((target, try CheckTarget(target, in: ThisProcess.folder).functions()))
            } catch let failure as CheckFailure {
                throw .noTarget(failure.description, hint: failure.hint)
            } catch let failure as SettingsFailure {
                throw .badPlugin(failure.description)
            } catch {
                throw .checkFailed("\(error)")
            }
        }
        return found
    }

    private func print(
        _ report: CheckReport,
        _ sources: SourceLines,
        on console: Console
    ) throws(CommandFailure) {
        if style.isJSON {
            var bytes: [UInt8] = []
            report.json.write(to: &bytes)
            return try console.writeOutput(bytes + [UInt8(ascii: "\n")])
        }
        let reader = Reader(utcOffset: console.utcOffset, source: { sources.line(of: $0, at: $1) })
        let format = Looks(ofOutput: console, style).format
        try console.writeOutput(Array(report.document.rendered(as: format, for: reader).utf8))
    }

    private func status(of verdict: CheckReport.Verdict) -> CommandStatus {
        switch verdict {
        case .clean: .ok
        case .findings: .invocationFailed
        case .failsCold: .failsCold
        case .error: .unavailable
        }
    }
}
