package import LoopModel

/// A check's findings as workflow commands of GitHub Actions, which it shows at the lines of a pull request.
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
        report.findings.map { finding in
            let command =
                switch finding.severity {
                case .error: "error"
                case .warning: "warning"
                case .info: "notice"
                }
            var properties: [String] = []
            if let site = finding.site {
                properties.append("file=\(property(path(finding.function, site.file)))")
                properties.append("line=\(site.line)")
            }
            properties.append("title=\(property("\(finding.rule) (\(finding.code))"))")
            return
                "::\(command) \(properties.joined(separator: ","))::\(data("\(finding.message) \(finding.advice)"))\n"
        }.joined()
    }

    /// For a step's summary: a table of all lives.
    package var summary: String {
        let rows = report.runs.map { run in
            let result = run.obstacle != nil ? "not run" : report.passes(run) ? "pass" : "fail"
            let cells = [
                run.function.rawValue, run.host.rawValue, run.python, run.loop.rawValue, run.schedule, result,
                run.explanation,
            ]
            return "| "
                + cells.map { $0.replacing("|", with: "\\|").replacing("\n", with: " ") }.joined(separator: " | ")
                + " |\n"
        }
        return """
            ### Loopwarden: \(report.verdict.rawValue)

            | Function | Host | Python | Loop | Life | Result | What |
            |---|---|---|---|---|---|---|
            \(rows.joined())
            """
    }

    private func data(_ text: String) -> String {
        text.replacing("%", with: "%25").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
    }

    private func property(_ text: String) -> String {
        data(text).replacing(":", with: "%3A").replacing(",", with: "%2C")
    }
}
