package import LoopModel

extension CheckReport {
    /// For people: a row for each life, the findings, and the verdict.
    package var document: ReportDocument {
        let severalFunctions = Set(runs.map(\.function)).count > 1
        let columns: [ReportDocument.Column] =
            (severalFunctions ? [.init("function", "Function")] : []) + [
                .init("host", "Host"), .init("python", "Python"), .init("loop", "Loop"), .init("life", "Life"),
                .init("result", "Result"), .init("what", "What"),
            ]
        let rows = runs.map { run -> [ReportDocument.Cell] in
            (severalFunctions ? [.text(run.function.rawValue)] : []) + [
                .text(run.host.rawValue), .text(run.python), .text(run.loop.rawValue), .text(run.schedule),
                result(of: run), .text(run.explanation),
            ]
        }
        return ReportDocument(
            schema: "loopwarden.check/1",
            title: "Check",
            sections: [
                .init(key: "runs", content: .table(columns: columns, rows: rows)),
                .init(key: "findings", content: .findings(findings)),
                .init(
                    key: "notObserved",
                    title: unobserved.isEmpty ? "" : "Not observed in these lives, but ruff says of the code:",
                    content: .text(unobserved.map(\.told).joined(separator: "\n"))
                ),
                .init(key: "failure", content: .text(coldFailure)),
                .init(key: "verdict", content: .text(conclusion)),
            ]
        )
    }

    private func result(of run: CheckRun) -> ReportDocument.Cell {
        if run.obstacle != nil { return .marked("not run", .quiet) }
        if passes(run) { return .marked("pass", .good) }
        let isSevere = run.failure != nil || run.findings.contains { $0.severity == .error }
        return .marked("fail", isSevere ? .bad : .caution)
    }

    /// The traceback of the first life that failed cold, and what it printed.
    private var coldFailure: String {
        guard let invocation = runs.first(where: \.failsCold)?.invocations.first else { return "" }
        // A handler's error is in its log as well, with AWS Lambda's line ends; a process that died only printed it.
        guard invocation.logTail.isEmpty else { return invocation.logTail.replacing("\r", with: "\n") }
        return invocation.stackTrace ?? ""
    }

    /// One sentence or two that end it.
    private var conclusion: String {
        let tried = runs.filter { $0.obstacle == nil }
        let invocations = tried.reduce(0) { $0 + $1.invocations.count }
        let passed = tried.filter(passes)
        let extent = "\(counted(tried.count, "life", "lives")), \(counted(invocations, "invocation", "invocations"))"
        switch verdict {
        case .clean:
            return "Clean: nothing found in \(extent)."
        case .findings:
            let least = tried.compactMap(\.shortestFailingLife).min { $0.count < $1.count }
            let shortest = least.map { " The shortest life that shows it: \($0)." } ?? ""
            let found = findings.filter { $0.severity >= threshold }.count
            let faults = found == 0 ? "Fails warm" : counted(found, "finding", "findings")
            let share = tried.count > 1 ? "; \(passed.count) of \(tried.count) lives pass" : ""
            return "\(faults) in \(extent)\(share).\(shortest)"
        case .failsCold:
            return findings.isEmpty
                ? "Fails already cold, so there is nothing to say about warm starts."
                : "Fails already cold; the first finding says why. There is nothing to say about warm starts yet."
        case .error:
            return "Nothing could be run."
        }
    }

    private func counted(_ count: Int, _ one: String, _ many: String) -> String {
        "\(count) \(count == 1 ? one : many)"
    }
}

extension CheckHint {
    /// `  handler.py:12: Async functions should not call time.sleep (ASYNC251)`.
    fileprivate var told: String { "  \(line.short): \(message) (\(code))" }
}

extension CheckRun {
    /// What is wrong with it, in a line.
    var explanation: String {
        if let obstacle { return obstacle }
        var parts: [String] = []
        if let (ordinal, invocation) = failure {
            let error = [invocation.errorType, invocation.errorMessage].compactMap(\.self).joined(separator: ": ")
            parts.append("\(ordinal == 0 ? "cold" : "warm \(ordinal)"): \(error.isEmpty ? "failed" : error)")
        }
        var rules: [String] = []
        for finding in findings where !rules.contains(finding.rule) { rules.append(finding.rule) }
        if !rules.isEmpty { parts.append(rules.joined(separator: ", ")) }
        return parts.joined(separator: "; ")
    }
}
