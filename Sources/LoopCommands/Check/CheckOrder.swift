import LoopDaemon
import LoopModel
import LoopOS
import LoopReports
import LoopWire

/// A check as it was ordered.
struct CheckOrder {
    var targets: [String]
    /// nil: the targets are handlers.
    var suite: SuiteOrder?
    var hosts: [HostProfile]
    var pythons: [String]
    var loops: [LoopImplementation]
    /// nil: as each function says.
    var start: StartMode?
    var input: CheckInput
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
        if let suite { return try await perform(suite, on: console) }
        let found = try meanings()
        let functions = try input.prepared(found.flatMap(\.meaning.functions))
        let paths = RepositoryPaths(functions, in: ThisProcess.folder)
        let comparison = try baseline.comparison()
        var plan = try plan(for: functions, on: console)
        (plan.hosts, plan.pythons, plan.loops, plan.threshold) = (hosts, pythons, loops, threshold)
        plan.packages = try input.packages()
        plan.start = start
        plan.givesSamples = !input.isEventGiven
        for (target, meaning) in found {
            for omission in meaning.omissions { console.say("\(target): \(omission)") }
            let replay = ReplayCommand(target: target, input: input)
            for function in meaning.functions {
                plan.commands[function.name] = replay.text(for: function, of: meaning.functions.count)
            }
        }
        let line = ProgressLine(on: console)
        var report: CheckReport
        do {
            report = try await Check(plan) { line.show($0.text, isNotice: $0.isNotice) }.run()
            line.clear()
        } catch {
            line.clear()
            throw CommandFailure.checkFailed("\(error)")
        }
        return try conclude(&report, on: functions, paths, comparison, console)
    }

    /// Holds a report against what is known, prints it and writes what else was ordered.
    ///
    /// - Throws: ``CommandFailure`` when something cannot be written.
    func conclude(
        _ report: inout CheckReport,
        on functions: [FunctionConfiguration],
        _ paths: RepositoryPaths,
        _ comparison: BaselineComparison?,
        _ console: Console
    ) throws(CommandFailure) -> CommandStatus {
        let sources = SourceLines(roots: Dictionary(functions.map { ($0.name, $0.root) }) { first, _ in first })
        report.anchor(by: paths, sources, in: ThisProcess.folder)
        report.comparison = comparison
        try baseline.write(&report, on: console)
        try print(report, sources, on: console)
        try outputs.write(report, by: paths, sources, on: console)
        return status(of: report.verdict)
    }

    private func plan(
        for functions: [FunctionConfiguration],
        on console: Console
    ) throws(CommandFailure) -> CheckPlan {
        let given = try input.allEvents(on: console)
        do throws(CheckScheduleFailure) {
            // All of several events are tried, however few warm invocations were asked for.
            let warm = input.events.isEmpty ? max(warm, given.count - 1) : warm
            let chosen: [CheckSchedule]
            if !schedules.isEmpty {
                chosen = try CheckSchedule.chosen(schedules, warm: warm, events: input.events.isEmpty ? 0 : given.count)
            } else if warm == 0, given.count == 1 {
                chosen = [CheckSchedule(name: CheckSchedule.plain, steps: [.cold])]
            } else if input.events.isEmpty {
                chosen = CheckSchedule.named(warm: warm)
            } else {
                chosen = [.given(given.count)]
            }
            return try CheckPlan(functions: functions, schedules: chosen, events: given)
        } catch {
            throw .noEvent(error.description, hint: error.hint)
        }
    }

    /// What each target means.
    private func meanings() throws(CommandFailure) -> [(target: String, meaning: CheckTarget.Meaning)] {
        var found: [(String, CheckTarget.Meaning)] = []
        var distinct = DistinctFunctions()
        for target in targets {
            do {
                var meaning = try CheckTarget(target, in: ThisProcess.folder).meaning()
                meaning.functions = distinct.adding(meaning.functions)
                found.append((target, meaning))
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
        let reader = Reader(
            utcOffset: console.utcOffset,
            source: { sources.line(of: $0, at: $1) },
            folder: ThisProcess.folder
        )
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
