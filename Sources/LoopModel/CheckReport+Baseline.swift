/// A check held against what is known already.
package struct BaselineComparison: Hashable, Sendable {
    /// The file, as the user named it.
    package var name: String
    package var baseline: Baseline { didSet { reasons = baseline.reasons } }
    /// Its reasons by fingerprint: a report asks for each finding several times.
    fileprivate private(set) var reasons: [String: String]

    package init(name: String, baseline: Baseline) {
        self.name = name
        self.baseline = baseline
        reasons = baseline.reasons
    }
}

/// What a function that was checked invokes.
package struct CheckedHandler: Hashable, Sendable {
    /// As in `src/orders.py:handler`, relative to the repository.
    package var name: String
    /// Its file, relative to the function's folder.
    package var file: String

    package init(name: String, file: String) {
        self.name = name
        self.file = file
    }
}

extension CheckReport {
    /// Whether a finding is in the baseline.
    package func isKnown(_ finding: Finding) -> Bool { knownReason(of: finding) != nil }

    /// Why a finding that is in the baseline is there, which may be empty; nil: it is new.
    package func knownReason(of finding: Finding) -> String? {
        guard let comparison, let fingerprint = finding.lastingFingerprint else { return nil }
        return comparison.reasons[fingerprint]
    }

    /// Whether the first failure of a run is in the baseline.
    package func isKnownFailure(_ run: CheckRun) -> Bool {
        // Of a session of tests each failing test counts, and none is known.
        guard run.session == nil, let comparison, let failure = lastingFailure(of: run) else { return false }
        return comparison.reasons[failure.fingerprint] != nil
    }

    /// The findings that count and are not in the baseline.
    package var newFindings: [Finding] { findings.filter { $0.severity >= threshold && !isKnown($0) } }

    /// The findings that are in the baseline.
    package var knownFindings: [Finding] { findings.filter(isKnown) }

    /// How many failing invocations are in the baseline, each once.
    package var knownFailures: [KnownFailure] {
        failures.filter { comparison?.reasons[$0.fingerprint] != nil }
    }

    /// The fingerprints of entries of functions that were checked, which were not met: mended, or out of reach.
    package var unmetEntries: [String] {
        guard let comparison else { return [] }
        let checked = Set(runs.filter { $0.obstacle == nil }.map(\.function.rawValue))
        let met = Set(findings.compactMap(\.lastingFingerprint) + failures.map(\.fingerprint))
        let entries =
            comparison.baseline.findings.map { ($0.function, $0.fingerprint) }
            + comparison.baseline.failures.map { ($0.function, $0.fingerprint) }
        return entries.filter { checked.contains($0.0) && !met.contains($0.1) }.map(\.1)
    }

    /// A baseline of all that was found in this check, however mild.
    ///
    /// It keeps the reasons that are given in the one that the check was held against, and that one's entries of
    /// functions that were not checked.
    package var nextBaseline: Baseline {
        let old = comparison?.baseline ?? Baseline()
        let reasons = comparison?.reasons ?? [:]
        let checked = Set(runs.map(\.function.rawValue))
        let found = findings.compactMap { finding -> KnownFinding? in
            guard let anchor = finding.anchor, let fingerprint = finding.lastingFingerprint else { return nil }
            return KnownFinding(
                rule: finding.rule,
                function: finding.function.rawValue,
                anchor: anchor,
                reason: reasons[fingerprint] ?? ""
            )
        }
        let failed = failures.map { failure in
            var failure = failure
            failure.reason = reasons[failure.fingerprint] ?? ""
            return failure
        }
        return Baseline(
            findings: found + old.findings.filter { !checked.contains($0.function) },
            failures: failed + old.failures.filter { !checked.contains($0.function) }
        )
    }

    /// The beginning of the file that a function is in, to show what has no line of its own.
    package func handlerLine(of function: FunctionName) -> CodeLine {
        CodeLine(file: handlers[function]?.file ?? function.rawValue, line: 1, function: "")
    }

    /// A finding with whether it is known.
    func json(of finding: Finding) -> JSON {
        guard comparison != nil, case .object(let members) = finding.json else { return finding.json }
        return .object(members + [.init("known", .bool(isKnown(finding)))])
    }

    var baselineJSON: JSON {
        guard let comparison else { return .null }
        return [
            "file": .string(comparison.name),
            "known": JSON(knownFindings.count + knownFailures.count),
            "unmet": .array(unmetEntries.map(JSON.string)),
        ]
    }

    private var failures: [KnownFailure] {
        var told: Set<String> = []
        return runs.filter { $0.session == nil }.compactMap(lastingFailure(of:))
            .filter { told.insert($0.fingerprint).inserted }
    }

    /// What failed first in a run, in words that outlast this version of the code; nil: nothing did.
    package func lastingFailure(of run: CheckRun) -> KnownFailure? {
        guard let (ordinal, invocation) = run.failure else { return nil }
        return KnownFailure(
            function: run.function.rawValue,
            handler: run.session.flatMap { $0.tests.indices.contains(ordinal) ? $0.tests[ordinal].id : nil }
                ?? handlers[run.function]?.name ?? run.function.rawValue,
            start: ordinal == run.invocations.count ? "shutdown" : ordinal == 0 ? "cold" : "warm",
            error: invocation.errorType ?? invocation.outcome?.rawValue ?? "failed",
            message: invocation.errorMessage ?? ""
        )
    }
}

extension Finding {
    /// As code hosts and baselines know it; nil: nobody has looked where it is.
    package var lastingFingerprint: String? { anchor?.fingerprint(of: rule) }

    /// The same for what several Pythons say of one line, though they name the function around it differently.
    var mergingKey: String { lastingFingerprint.map { "\(function) \($0)" } ?? fingerprint }
}
