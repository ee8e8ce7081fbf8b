package import LoopModel

extension CheckReport {
    /// Whether suites of tests were checked, rather than handlers.
    package var isOfSuites: Bool { runs.contains { $0.host == .pytest } }
}

/// A check of suites for people: a row for each session, the findings, the tests that fail, and the verdict.
struct SuiteDocument {
    /// Longer tracebacks are shown from their end, in lines.
    private static let longestText = 30
    /// More failing tests are counted.
    private static let mostFailures = 20

    private let report: CheckReport

    init(_ report: CheckReport) { self.report = report }

    var document: ReportDocument {
        let known = report.knownFindings.count
        return ReportDocument(
            schema: "loopwarden.check/1",
            title: "Check",
            sections: [
                .init(key: "runs", content: .table(columns: Self.columns, rows: report.runs.map(row))),
                .init(key: "notes", content: .text(notes.joined(separator: "\n"))),
                .init(key: "findings", content: .findings(report.findings.filter { !report.isKnown($0) })),
                .init(
                    key: "known",
                    content: .text(known == 0 ? "" : "Known, by \(report.comparison?.name ?? ""): \(known)")
                ),
                .init(key: "failures", content: .text(failures.joined(separator: "\n\n"))),
                .init(key: "dependences", content: .text(dependences.joined(separator: "\n\n"))),
                .init(key: "verdict", content: .text(conclusion)),
            ]
        )
    }

    // MARK: The table

    private static let columns: [ReportDocument.Column] = [
        .init("python", "Python"), .init("loop", "Loop"), .init("tests", "Tests", isTrailing: true),
        .init("passed", "Passed", isTrailing: true), .init("failed", "Failed", isTrailing: true),
        .init("skipped", "Skipped", isTrailing: true), .init("found", "Findings", isTrailing: true),
        .init("result", "Result"), .init("what", "What"),
    ]

    private func row(_ run: CheckRun) -> [ReportDocument.Cell] {
        let place: [ReportDocument.Cell] = [.text(run.python), .text(run.loop.rawValue)]
        guard run.obstacle == nil, let session = run.session, !run.failsCold else {
            let result: ReportDocument.Cell = run.obstacle == nil ? .marked("fail", .bad) : .marked("not run", .quiet)
            return place + Array(repeating: .none, count: 5) + [result, .text(run.sessionExplanation)]
        }
        let isSevere = run.failure != nil || run.findings.contains { $0.severity == .error }
        return place + [
            .integer(session.tests.count), .integer(session.count(.passed, .xpassed)), .integer(session.count(.failed)),
            .integer(session.count(.skipped, .xfailed)), .integer(Set(run.findings.map(\.fingerprint)).count),
            report.passes(run) ? .marked("pass", .good) : .marked("fail", isSevere ? .bad : .caution),
            .text(run.sessionExplanation),
        ]
    }

    private var notes: [String] {
        var told: Set<String> = []
        return report.runs.flatMap { $0.session?.notes ?? [] }.filter { told.insert($0).inserted }
    }

    // MARK: What fails

    private var failures: [String] {
        var told: Set<String> = []
        let all = report.runs.flatMap { run in
            failing(in: run).filter { told.insert("\($0.name) \($0.reason)").inserted }
        }
        let rest = all.count - Self.mostFailures
        return all.prefix(Self.mostFailures).map(\.text) + (rest > 0 ? ["… and \(rest) more tests fail."] : [])
    }

    private struct Failing {
        var name: String
        var reason: String
        var text: String
    }

    private func failing(in run: CheckRun) -> [Failing] {
        guard run.obstacle == nil, let session = run.session else { return [] }
        if run.failsCold, let collection = run.invocations.first {
            let reason = collection.errorMessage ?? "pytest failed"
            return [Failing(name: "", reason: reason, text: "\(reason):\n\(Self.output(of: collection))")]
        }
        return run.invocations.indices.filter { session.tests[$0].result == .failed }.map { index in
            let test = session.tests[index]
            let title = "\(test.id) fails on Python \(run.python): \(test.reason)"
            // What a finding explains needs no traceback.
            let isExplained = run.findings.contains { $0.ordinal == index && $0.severity == .error }
            let cause = session.dependences.first { $0.test == test.id && $0.what == test.reason }
            let parts = [
                title, cause.map(Self.told) ?? "", isExplained ? "" : Self.output(of: run.invocations[index]),
            ]
            return Failing(
                name: test.id,
                reason: run.invocations[index].errorType ?? "",
                text: parts.filter { !$0.isEmpty }.joined(separator: "\n")
            )
        }
    }

    private static func output(of invocation: InvocationRecord) -> String {
        let trace = invocation.stackTrace ?? ""
        let text = trace.isEmpty ? invocation.logTail : trace
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
        // Without what pytest says before it comes to the point.
        if trace.isEmpty, let first = lines.firstIndex(where: { $0.hasPrefix("ERROR: ") || $0.hasPrefix("Timeout (") })
        {
            lines = lines[first...]
        }
        // The stacks of a process that died, innermost first, end where pytest and the worker begin.
        if trace.isEmpty { lines = lines.filter { !Self.isMachinery($0) }[...] }
        let shown = lines.suffix(longestText).map { "  \($0)" }
        return ((lines.count > shown.count ? ["  …"] : []) + shown).joined(separator: "\n")
    }

    private static func isMachinery(_ line: Substring) -> Bool {
        ["/_pytest/", "/pluggy/", "/loopwarden_worker/", "/loopwarden_probe/", "/bootstrap.py\""].contains {
            line.contains($0) && line.hasPrefix("  File \"")
        } || line.hasPrefix("Extension modules: ")
    }

    private var dependences: [String] {
        var told: Set<TestDependence> = []
        let sessions = report.runs.compactMap(\.session)
        let ofPassing = sessions.flatMap { session in
            let failing = Set(session.tests.filter { $0.result == .failed }.map(\.id))
            return session.dependences.filter { !failing.contains($0.test) }
        }
        return ofPassing.filter { told.insert($0).inserted }.map { "\($0.test), \($0.what)\n\(Self.told($0))" }
    }

    private static func told(_ dependence: TestDependence) -> String {
        "  only after  \(dependence.after)\n  replay      \(dependence.command)"
    }

    // MARK: The end

    private var conclusion: String {
        let tried = report.runs.filter { $0.obstacle == nil }
        let tests = tried.reduce(0) { $0 + $1.invocations.count }
        let extent =
            counted(tests, "test", "tests")
            + (tried.count > 1 ? " of \(counted(tried.count, "session", "sessions"))" : "")
        switch report.verdict {
        case .clean: return "Clean: nothing \(report.comparison == nil ? "found" : "new") in \(extent)."
        case .findings:
            let failed = tried.reduce(0) { $0 + ($1.session?.count(.failed) ?? 0) }
            let found = report.newFindings.count
            let parts = [
                found == 0 ? nil : counted(found, "finding", "findings"),
                failed == 0 ? nil : "\(counted(failed, "failing test", "failing tests"))",
            ]
            return "\(parts.compactMap(\.self).joined(separator: " and ")) in \(extent)."
        case .failsCold: return "The tests cannot be collected, so there is nothing to say about them."
        case .error: return "Nothing could be run."
        }
    }

    private func counted(_ count: Int, _ one: String, _ many: String) -> String {
        "\(count) \(count == 1 ? one : many)"
    }
}

extension CheckRun {
    /// The test that an invocation was; nil: it was none.
    func testName(_ ordinal: Int) -> String? {
        guard let session, session.tests.indices.contains(ordinal) else { return nil }
        return session.tests[ordinal].id
    }

    /// What is wrong with a session of tests, in a line.
    var sessionExplanation: String {
        if let obstacle { return obstacle }
        guard let session, !failsCold else { return invocations.first?.errorMessage ?? "" }
        var parts: [String] = []
        var rules: [String] = []
        for finding in findings where !rules.contains(finding.rule) { rules.append(finding.rule) }
        if !rules.isEmpty { parts.append(rules.joined(separator: ", ")) }
        if session.skippedByEnd > 0 { parts.append("\(session.skippedByEnd) not run") }
        return parts.joined(separator: "; ")
    }
}
