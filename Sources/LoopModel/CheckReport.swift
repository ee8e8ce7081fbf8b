/// What `loopwarden check` has found out about handlers.
package struct CheckReport: Hashable, Sendable {
    /// In the order in which they were asked for.
    package var runs: [CheckRun]
    /// What a linter says of lines that need not have been reached.
    package var hints: [CheckHint]
    /// The mildest finding that counts against a handler.
    package var threshold: Severity
    /// What is known already; nil: nothing is.
    package var comparison: BaselineComparison?
    /// What each function invokes.
    package var handlers: [FunctionName: CheckedHandler] = [:]

    package init(runs: [CheckRun], hints: [CheckHint] = [], threshold: Severity = .warning) {
        self.runs = runs
        self.hints = hints
        self.threshold = threshold
    }

    /// What it comes to.
    package enum Verdict: String, Hashable, Sendable, CaseIterable {
        case clean
        /// A rule found something, or an invocation failed after one had succeeded.
        case findings
        /// No invocation ever succeeded: there is nothing to say about warm starts.
        case failsCold = "fails-cold"
        /// Nothing could be run.
        case error
    }

    package var verdict: Verdict {
        let tried = runs.filter { $0.obstacle == nil }
        if tried.isEmpty { return .error }
        if tried.allSatisfy(\.failsCold) { return .failsCold }
        return tried.allSatisfy(passes) ? .clean : .findings
    }

    /// Whether nothing that counts and is new was found in a run, and all its invocations succeeded or fail as is known.
    package func passes(_ run: CheckRun) -> Bool {
        (run.failure == nil || isKnownFailure(run))
            && run.findings.allSatisfy { $0.severity < threshold || isKnown($0) }
    }

    /// The findings of all runs, each once: the most severe first, then in the order in which they were made.
    package var findings: [Finding] {
        var told: Set<String> = []
        let merged = runs.flatMap(\.findings).filter { told.insert($0.mergingKey).inserted }
        return Severity.allCases.reversed().flatMap { severity in merged.filter { $0.severity == severity } }
    }

    /// The hints on lines that no finding names.
    package var unobserved: [CheckHint] {
        let named = Set(findings.flatMap(\.ownLines).map { "\($0.file):\($0.line)" })
        return hints.filter { !named.contains("\($0.line.file):\($0.line.line)") }
    }

    /// The published form, `loopwarden.check/1`.
    package var json: JSON {
        [
            "schema": "loopwarden.check/1",
            "verdict": .string(verdict.rawValue),
            "runs": .array(runs.map(\.json)),
            "findings": .array(findings.map(json(of:))),
            "baseline": baselineJSON,
            "notObserved": .array(unobserved.map(\.json)),
        ]
    }
}

/// What a linter says of a line: advice, not something that was seen to happen.
package struct CheckHint: Hashable, Sendable {
    package var function: FunctionName
    package var line: CodeLine
    /// The linter's, such as `ASYNC251`.
    package var code: String
    package var message: String

    package init(function: FunctionName, line: CodeLine, code: String, message: String) {
        self.function = function
        self.line = line
        self.code = code
        self.message = message
    }

    fileprivate var json: JSON {
        [
            "function": .string(function.rawValue), "file": .string(line.file), "line": JSON(line.line),
            "code": .string(code), "message": .string(message), "source": "ruff",
        ]
    }
}
