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
    var warm: Int
    var threshold: Severity
    var outputs: CheckOutputs
    var style: OutputStyle

    /// Makes the check and prints what it found.
    ///
    /// - Throws: ``CommandFailure`` when it cannot be made.
    func perform(on console: Console) async throws -> CommandStatus {
        let functions = try functions()
        let schedule: EventSchedule
        if events.isEmpty {
            schedule = .warm(warm, event: try event.read(on: console))
        } else {
            schedule = .given(try events.map { (argument) throws(CommandFailure) in try argument.read(on: console) })
        }
        var plan = CheckPlan(functions: functions, schedule: schedule)
        (plan.hosts, plan.pythons, plan.loops, plan.threshold) = (hosts, pythons, loops, threshold)
        let line = ProgressLine(on: console)
        let report: CheckReport
        do {
            report = try await Check(plan) { line.show("\($0) of \($1) lives") }.run()
            line.clear()
        } catch {
            line.clear()
            throw CommandFailure.checkFailed("\(error)")
        }
        try print(report, of: functions, on: console)
        try outputs.write(report, of: functions, on: console)
        return status(of: report.verdict)
    }

    private func functions() throws(CommandFailure) -> [FunctionConfiguration] {
        var found: [FunctionConfiguration] = []
        for target in targets {
            do {
                found += try CheckTarget(target, in: ThisProcess.folder).functions()
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
        of functions: [FunctionConfiguration],
        on console: Console
    ) throws(CommandFailure) {
        if style.isJSON {
            var bytes: [UInt8] = []
            report.json.write(to: &bytes)
            return try console.writeOutput(bytes + [UInt8(ascii: "\n")])
        }
        let sources = SourceLines(roots: Dictionary(functions.map { ($0.name, $0.root) }) { first, _ in first })
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
