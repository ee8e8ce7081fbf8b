import LoopModel
import LoopOS
import LoopReports
import LoopRules

/// What a check leaves for other programs, beside what it prints.
struct CheckOutputs {
    /// Where SARIF goes; nil: nowhere.
    var sarif: String?
    /// Where JUnit XML goes; nil: nowhere.
    var junit: String?
    /// Whether GitHub Actions is told.
    var isGitHub: Bool

    /// - Throws: ``CommandFailure`` when a file cannot be written.
    func write(
        _ report: CheckReport,
        by paths: RepositoryPaths,
        _ sources: SourceLines,
        on console: Console
    ) throws(CommandFailure) {
        func path(of function: FunctionName, _ file: String) -> String { paths.path(of: file, in: function) }
        if let sarif {
            let document = SARIFDocument(
                report,
                rules: AllRules.list.map(\.description),
                path: path,
                source: { sources.line(of: $0, at: $1) }
            )
            try write(document.json.text + "\n", to: sarif)
        }
        if let junit { try write(JUnitDocument(report).text, to: junit) }
        guard isGitHub else { return }
        let annotations = GitHubAnnotations(report, path: path)
        try console.writeOutput(Array(annotations.text.utf8))
        if let summary = console.environment["GITHUB_STEP_SUMMARY"], !summary.isEmpty {
            let before = (try? File.read(summary)).map { String(decoding: $0, as: UTF8.self) } ?? ""
            try write(before + annotations.summary, to: summary)
        }
    }

    private func write(_ text: String, to path: String) throws(CommandFailure) {
        do throws(SystemFailure) {
            try File.write(Array(text.utf8), to: path, mode: 0o644)
        } catch {
            throw .notWritten(error)
        }
    }
}

extension DetectionRule {
    fileprivate var description: RuleDescription {
        RuleDescription(
            id: id,
            code: code,
            severity: severity,
            title: title,
            summary: summary,
            help: explanationText
        )
    }
}
