import LoopModel

/// How the lives went, for people: for each function, host, interpreter and loop a row for each way in which they went.
struct CheckTable {
    private let report: CheckReport
    /// The runs of one place each, in their order.
    private let places: [[CheckRun]]

    init(_ report: CheckReport) {
        self.report = report
        var order: [Place] = []
        var runs: [Place: [CheckRun]] = [:]
        for run in report.runs {
            let place = Place(function: run.function, host: run.host, python: run.seat, loop: run.loop)
            if runs[place] == nil { order.append(place) }
            runs[place, default: []].append(run)
        }
        places = order.compactMap { runs[$0] }
    }

    private struct Place: Hashable {
        var function: FunctionName
        var host: HostProfile
        var python: String
        var loop: LoopImplementation
    }

    private var namesFunctions: Bool { Set(report.runs.map(\.function)).count > 1 }

    var content: ReportDocument.Content {
        let columns: [ReportDocument.Column] =
            (namesFunctions ? [.init("function", "Function")] : []) + [
                .init("host", "Host"), .init("python", "Python"), .init("loop", "Loop"),
                .init("schedules", "Schedules"), .init("result", "Result"), .init("what", "What"),
            ]
        return .table(columns: columns, rows: places.flatMap(rows(of:)))
    }

    // MARK: Rows

    /// Runs of one place that went the same way.
    private struct Group {
        var result: Result
        var what: String
        var runs: [CheckRun]
    }

    private enum Result: Int {
        case fail, caution, pass, notRun

        var cell: ReportDocument.Cell {
            switch self {
            case .fail: .marked("fail", .bad)
            case .caution: .marked("fail", .caution)
            case .pass: .marked("pass", .good)
            case .notRun: .marked("not run", .quiet)
            }
        }
    }

    private func rows(of runs: [CheckRun]) -> [[ReportDocument.Cell]] {
        var groups: [Group] = []
        for run in runs {
            let (result, what) = (result(of: run), report.news(in: run))
            let isEcho = what == CheckReport.noNews
            if let same = groups.firstIndex(where: {
                isEcho ? $0.runs[0].schedule == CheckSchedule.plain : $0.result == result && $0.what == what
            }) {
                groups[same].runs.append(run)
            } else {
                groups.append(Group(result: result, what: what, runs: [run]))
            }
        }
        // What was not run for a reason of its own is told below the table; what could not be run at all is a row.
        if groups.allSatisfy({ $0.result == .notRun }) {
            groups = Array(groups.prefix(1))
            groups[0].runs = runs
        } else {
            groups.removeAll { $0.result == .notRun }
        }
        groups.sort { $0.result.rawValue < $1.result.rawValue }
        return groups.map { group in
            let run = group.runs[0]
            return (namesFunctions ? [.text(run.function.rawValue)] : []) + [
                .text(run.host.rawValue), .text(run.seat), .text(run.loop.rawValue),
                .text(schedules(of: group, among: groups, of: runs)), group.result.cell, .text(group.what),
            ]
        }
    }

    private func result(of run: CheckRun) -> Result {
        if run.obstacle != nil { return .notRun }
        if report.passes(run) { return .pass }
        return run.failure != nil || run.findings.contains { $0.severity == .error } ? .fail : .caution
    }

    private func schedules(of group: Group, among groups: [Group], of runs: [CheckRun]) -> String {
        let names = group.runs.map(\.schedule)
        if names.count <= 2 { return names.joined(separator: ", ") }
        if names.count == runs.count { return "all \(runs.count)" }
        if groups.count == 1 { return "\(names.count) of \(runs.count)" }
        return names[0] == CheckSchedule.plain && group.result != .pass
            ? "\(names[0]) and \(names.count - 1) others" : "\(names.count) others"
    }

    // MARK: Notes

    /// What was not run although its place was, with the reasons: a line for each reason.
    var notes: [String] {
        var order: [String] = []
        var left: [String: (schedules: [String], places: Int)] = [:]
        for runs in places where runs.contains(where: { $0.obstacle == nil }) {
            for (reason, runs) in Dictionary(grouping: runs.filter { $0.obstacle != nil }, by: { $0.obstacle ?? "" }) {
                if left[reason] == nil { order.append(reason) }
                left[reason, default: ([], 0)].places += 1
                for run in runs where left[reason]?.schedules.contains(run.schedule) == false {
                    left[reason]?.schedules.append(run.schedule)
                }
            }
        }
        return order.sorted().compactMap { reason in
            guard let (schedules, count) = left[reason] else { return nil }
            let share = places.count > 1 ? " (\(count) of \(places.count) rows)" : ""
            return "Not run: \(schedules.joined(separator: ", ")): \(reason)\(share)."
        }
    }
}

extension CheckReport {
    fileprivate static let noNews = "as \(CheckSchedule.plain)"

    /// What is wrong with a run in a line, in as far as the plain one of its place does not say it already.
    func news(in run: CheckRun) -> String {
        guard run.obstacle == nil, run.schedule != CheckSchedule.plain,
            let plain = runs.first(where: { $0.isPlain(besides: run) })
        else { return run.explanation }
        let known = Set(plain.symptoms(threshold: .info).map(\.symptom))
        let symptoms = run.symptoms(threshold: .info)
        guard symptoms.contains(where: { known.contains($0.symptom) }) else { return run.explanation }
        var rest = run
        rest.findings.removeAll { known.contains(Symptom($0)) }
        if let failure = run.failure, known.contains(Symptom(failure: failure.invocation)) {
            rest.invocations = []
            rest.shutdownFailure = nil
        }
        let news = rest.explanation
        return news.isEmpty ? Self.noNews : news
    }
}

extension CheckRun {
    fileprivate func isPlain(besides run: CheckRun) -> Bool {
        schedule == CheckSchedule.plain && obstacle == nil && function == run.function && host == run.host
            && seat == run.seat && loop == run.loop
    }

    /// The version of its interpreter, and where its packages come from: `3.11.7 (.venv)`.
    var seat: String {
        guard let packages else { return python }
        let end = packages.split(separator: "/").suffix(2).joined(separator: "/")
        return "\(python) (\(packages.count <= 24 ? packages : "…/\(end)"))"
    }

    /// What is wrong with it, in a line.
    var explanation: String {
        if session != nil { return sessionExplanation }
        if let obstacle { return obstacle }
        var parts: [String] = []
        if let (ordinal, invocation) = failure {
            parts.append("\(name(ofInvocation: ordinal)): \(invocation.errorText)")
        }
        var rules: [String] = []
        for finding in findings where !rules.contains(finding.rule) { rules.append(finding.rule) }
        if !rules.isEmpty { parts.append(rules.joined(separator: ", ")) }
        return parts.joined(separator: "; ")
    }

    /// `cold`, `warm 2`, `warm after exception@1`.
    func name(ofInvocation index: Int) -> String {
        if index >= invocations.count { return "shutdown" }
        guard let step = step(ofInvocation: index) else { return index == 0 ? "cold" : "warm \(index)" }
        let steps = effectiveSteps
        let special = steps[..<step].last { $0.action != .warm && $0.action != .cold }
        let word = eventNames.isEmpty ? steps[step].description : "\(CheckStep(steps[step].action))"
        let event = eventName(ofInvocation: index).map { " (\($0))" } ?? ""
        if let special, steps[step].fault == nil { return "\(word) after \(CheckStep(special.action))\(event)" }
        return (word == "warm" ? "warm \(index)" : word) + event
    }
}
