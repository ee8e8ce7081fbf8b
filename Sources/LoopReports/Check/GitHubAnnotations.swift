package import LoopModel

/// A check's findings as workflow commands of GitHub Actions, which it shows at the lines of a pull request.
///
/// GitHub shows the first ten of each kind of a step; so the most severe come first, and the step's summary has all.
/// What is in the baseline is not told here: it is no news to a pull request.
package struct GitHubAnnotations {
    private let report: CheckReport
    private let path: (FunctionName, String) -> String

    /// - Parameters:
    ///   - report: what to tell.
    ///   - path: of a function's file, relative to the repository.
    package init(_ report: CheckReport, path: @escaping (FunctionName, String) -> String) {
        self.report = report
        self.path = path
    }

    /// One line for each finding; a log that is no workflow's shows them as they are.
    package var text: String {
        let failures = report.unexplainedFailures.filter { !$0.isKnown }.map { failure in
            let line = failure.line ?? report.handlerLine(of: failure.function)
            let title = "\(UnexplainedFailure.rule.id) (\(UnexplainedFailure.rule.code))"
            let message = "\(failure.function) fails: \(failure.message)"
            return (Severity.error, command(.error, failure.function, line, title: title, message))
        }
        let findings = newFindings.map { finding in
            let command = command(
                finding.severity,
                finding.function,
                finding.site ?? report.handlerLine(of: finding.function),
                title: "\(finding.rule) (\(finding.code))",
                "\(finding.message) \(finding.advice)"
            )
            return (finding.severity, command)
        }
        let commands = findings + failures
        return Severity.allCases.reversed().flatMap { severity in commands.filter { $0.0 == severity }.map(\.1) }
            .joined()
    }

    /// For a step's summary: a table of all lives, and one of what is new.
    package var summary: String {
        let lives = report.runs.map { run in
            let result = run.obstacle != nil ? "not run" : report.passes(run) ? "pass" : "fail"
            return row([
                run.function.rawValue, run.host.rawValue, run.python, run.loop.rawValue, run.schedule, result,
                run.explanation,
            ])
        }
        let findings = newFindings.map { finding in
            let line = finding.site.map { place($0, in: finding.function) } ?? ""
            return row([finding.severity.rawValue, "\(finding.rule) (\(finding.code))", line, finding.message])
        }
        let known = report.knownFindings.count
        return """
            ### Loopwarden: \(report.verdict.rawValue)

            | Function | Host | Python | Loop | Life | Result | What |
            |---|---|---|---|---|---|---|
            \(lives.joined())
            """
                + (findings.isEmpty
                    ? "" : "\n| Severity | Rule | Line | What happened |\n|---|---|---|---|\n\(findings.joined())")
                + (known == 0 ? "" : "\nThe baseline has \(known) more.\n")
    }

    private var newFindings: [Finding] { report.findings.filter { !report.isKnown($0) } }

    private func command(
        _ severity: Severity,
        _ function: FunctionName,
        _ line: CodeLine,
        title: String,
        _ message: String
    ) -> String {
        let name =
            switch severity {
            case .error: "error"
            case .warning: "warning"
            case .info: "notice"
            }
        let place = SourcePlace(file: line.file)
        // A notebook is shown as it is stored, which has no line that is a cell's.
        let number = place.cell == nil ? max(line.line, 1) : 1
        let file = property(path(function, place.path))
        return "::\(name) file=\(file),line=\(number),title=\(property(title))::\(data(message))\n"
    }

    private func place(_ line: CodeLine, in function: FunctionName) -> String {
        let place = SourcePlace(file: line.file)
        let cell = place.cell.map { ":cell \($0)" } ?? ""
        return "\(path(function, place.path))\(cell):\(line.line)"
    }

    private func row(_ cells: [String]) -> String {
        let texts = cells.map { cell in
            cell.replacing("\\", with: "\\\\").replacing("|", with: "\\|").replacing("<", with: "&lt;")
                .replacing("\r", with: " ").replacing("\n", with: " ")
        }
        return "| " + texts.joined(separator: " | ") + " |\n"
    }

    private func data(_ text: String) -> String {
        text.replacing("%", with: "%25").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
    }

    private func property(_ text: String) -> String {
        data(text).replacing(":", with: "%3A").replacing(",", with: "%2C")
    }
}
