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

/// One life of one environment, as `check` led it.
package struct CheckRun: Hashable, Sendable {
    package var function: FunctionName
    package var host: HostProfile
    /// For example `3.11.7`; what was asked for where there is no such interpreter.
    package var python: String
    package var loop: LoopImplementation
    package var schedule: String
    /// In their order; the first is cold.
    package var invocations: [InvocationRecord]
    package var findings: [Finding]
    /// Why it could not be run; nil: it was.
    package var obstacle: String?

    package init(
        function: FunctionName,
        host: HostProfile,
        python: String,
        loop: LoopImplementation,
        schedule: String,
        invocations: [InvocationRecord] = [],
        findings: [Finding] = [],
        obstacle: String? = nil
    ) {
        self.function = function
        self.host = host
        self.python = python
        self.loop = loop
        self.schedule = schedule
        self.invocations = invocations
        self.findings = findings
        self.obstacle = obstacle
    }

    /// The first invocation that did not succeed, and how many came before it.
    package var failure: (ordinal: Int, invocation: InvocationRecord)? {
        invocations.enumerated().first { $0.element.outcome != .ok }.map { ($0.offset, $0.element) }
    }

    package var failsCold: Bool { failure?.ordinal == 0 }

    /// The shortest life that shows what is wrong, such as `cold, warm`; nil when nothing is.
    package var shortestFailingLife: String? {
        let ordinals = findings.compactMap(\.ordinal) + [failure?.ordinal].compactMap(\.self)
        guard let first = ordinals.min() else { return findings.isEmpty ? nil : "cold, shutdown" }
        return (["cold"] + Array(repeating: "warm", count: first)).joined(separator: ", ")
    }

    fileprivate var json: JSON {
        [
            "function": .string(function.rawValue),
            "host": .string(host.rawValue),
            "python": .string(python),
            "loop": .string(loop.rawValue),
            "schedule": .string(schedule),
            "obstacle": JSON(obstacle),
            "invocations": .array(invocations.enumerated().map { $0.element.checkJSON(ordinal: $0.offset) }),
            "findings": .array(findings.map(\.json)),
        ]
    }
}

extension InvocationRecord {
    fileprivate func checkJSON(ordinal: Int) -> JSON {
        let (seconds, attoseconds) = duration.components
        return [
            "ordinal": JSON(ordinal),
            "start": .string(isCold ? "cold" : "warm"),
            "outcome": JSON(outcome?.rawValue),
            "errorType": JSON(errorType),
            "errorMessage": JSON(errorMessage),
            "durationMs": .double(Double(seconds) * 1000 + Double(attoseconds / 1_000_000_000_000) / 1000),
        ]
    }
}
