package import LoopModel

extension CheckReport {
    /// For people: how the lives went, the findings, what fails without one, and the verdict.
    package var document: ReportDocument {
        if isOfSuites { return SuiteDocument(self).document }
        let table = CheckTable(self)
        return ReportDocument(
            schema: "loopwarden.check/1",
            title: "Check",
            sections: [
                .init(key: "runs", content: table.content),
                .init(key: "notRun", content: .text(table.notes.joined(separator: "\n"))),
                .init(key: "obstacles", content: .text(obstacles.joined(separator: "\n\n"))),
                .init(key: "findings", content: .findings(findings.filter { !isKnown($0) })),
                .init(
                    key: "known",
                    title: knownLines.isEmpty ? "" : "Known, by \(comparison?.name ?? ""):",
                    content: .text(knownLines.joined(separator: "\n"))
                ),
                .init(
                    key: "notObserved",
                    title: unobserved.isEmpty ? "" : "Not observed in these lives, but ruff says of the code:",
                    content: .text(unobserved.map(\.told).joined(separator: "\n"))
                ),
                .init(key: "failures", content: .text(failures.joined(separator: "\n\n"))),
                .init(key: "verdict", content: .text(conclusion)),
            ]
        )
    }

    /// What kept lives from being led, where there is more to it than a line: each once.
    private var obstacles: [String] {
        var told: Set<String> = []
        return runs.compactMap { run in
            guard run.interpreter == nil, let obstacle = run.obstacle, let advice = run.advice,
                told.insert(obstacle).inserted
            else { return nil }
            let lines = advice.split(separator: "\n").map { "  \($0)" }
            return ([obstacle.prefix(1).uppercased() + obstacle.dropFirst() + ":"] + lines).joined(separator: "\n")
        }
    }

    /// What fails and no finding of an error tells: each once, with what the handler printed and how to see it again.
    private var failures: [String] {
        var told: Set<Symptom> = []
        return runs.compactMap { run in
            guard let (ordinal, invocation) = run.failure, !isKnownFailure(run),
                run.failsCold || !run.findings.contains(where: { $0.severity == .error && $0.severity >= threshold }),
                told.insert(Symptom(failure: invocation)).inserted
            else { return nil }
            let title = "\(run.function) fails, \(run.name(ofInvocation: ordinal)): \(invocation.errorText)"
            let advice = run.advice.map { ["", "  \($0)"] } ?? []
            return
                ([title] + Self.output(of: invocation) + advice + Self.told(run.isSteadilyCold ? nil : run.reproduction))
                .joined(separator: "\n")
        }
    }

    /// What a failing invocation printed, its traceback above all.
    private static func output(of invocation: InvocationRecord) -> [String] {
        // A handler's error is in its log as well, with AWS Lambda's line ends; a process that died only printed it.
        let text =
            invocation.logTail.isEmpty
            ? invocation.stackTrace ?? "" : invocation.logTail.replacing("\r", with: "\n")
        return text.split(separator: "\n").map { "  \($0)" }
    }

    /// How to see something again.
    private static func told(_ reproduction: Reproduction?) -> [String] {
        guard let reproduction else { return [] }
        return ["", "  shortest  \(reproduction.told)", "  replay    \(reproduction.command)"]
    }

    /// The shortest life that was seen to show something that counts.
    private var shortest: Reproduction? {
        let failing = runs.filter { $0.obstacle == nil && !passes($0) }
        return (newFindings.compactMap(\.reproduction) + failing.compactMap(\.reproduction))
            .min { $0.steps.count < $1.steps.count }
    }

    /// One sentence or two that end it.
    private var conclusion: String {
        let tried = runs.filter { $0.obstacle == nil }
        let invocations = tried.reduce(0) { $0 + $1.invocations.count }
        let passed = tried.filter(passes)
        let extent = "\(counted(tried.count, "life", "lives")), \(counted(invocations, "invocation", "invocations"))"
        switch verdict {
        case .clean:
            return comparison == nil ? "Clean: nothing found in \(extent)." : "Clean: nothing new in \(extent)\(known)."
        case .findings:
            let shortest = shortest.map { " The shortest life that shows it: \($0.text)." } ?? ""
            let found = newFindings.count
            let new = comparison == nil ? "" : "new "
            let faults = found == 0 ? "Fails warm" : counted(found, "\(new)finding", "\(new)findings")
            let share = tried.count > 1 ? "; \(passed.count) of \(tried.count) lives pass" : ""
            return "\(faults) in \(extent)\(share)\(known).\(shortest)"
        case .failsCold:
            return findings.isEmpty
                ? "Fails already cold, so there is nothing to say about warm starts."
                : "Fails already cold; the first finding says why. There is nothing to say about warm starts yet."
        case .error:
            return "Nothing could be run."
        }
    }

    /// What the baseline has of it.
    private var known: String {
        let count = knownFindings.count + knownFailures.count
        return count == 0 ? "" : "; \(count) known"
    }

    private var knownLines: [String] {
        let findings = knownFindings.map { finding in
            let place = finding.site.map { " at \($0.short)" } ?? ""
            let reason = knownReason(of: finding) ?? ""
            return "  \(finding.rule) (\(finding.code))\(place)\(reason.isEmpty ? "" : ", because \(reason)")"
        }
        let failures = knownFailures.map { "  \($0.start): \($0.error)\($0.message.isEmpty ? "" : ": \($0.message)")" }
        let unmet = unmetEntries.count
        let note = "  \(counted(unmet, "entry was", "entries were")) not met: mended, or not reached by this check"
        return findings + failures + (unmet == 0 ? [] : [note])
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
    /// Whether it fails cold each time, so that nobody need be told how to see that.
    fileprivate var isSteadilyCold: Bool {
        if case .unsteady = reproduction?.certainty { return false }
        return failsCold
    }
}
