package import LoopModel

/// A failing invocation of a run in which no rule found an error: nobody says why, but it must be told.
package struct UnexplainedFailure: Hashable, Sendable {
    /// The stand-in for a rule, where a format asks for one.
    package static let rule = RuleDescription(
        id: "failing-invocation",
        code: "LW000",
        severity: .error,
        title: "An invocation fails, and no rule knows why",
        summary: "The handler failed in one of the lives that loopwarden check led it through.",
        help: """
            The handler failed, and nothing that Loopwarden knows of explains it: the error is the handler's own. Where \
            it fails warm and not cold, look for what an earlier invocation left behind: module-level state, caches, \
            clients and connections.
            """
    )

    package var function: FunctionName
    /// Such as `warm 1: KeyError: 'item'`.
    package var message: String
    /// The handler's own line in its traceback; nil where there is none.
    package var line: CodeLine?
    package var isKnown: Bool
    /// In words that outlast this version of the code.
    package var lasting: KnownFailure
}

extension CheckReport {
    /// Each once.
    package var unexplainedFailures: [UnexplainedFailure] {
        var told: Set<String> = []
        return runs.compactMap { run in
            guard let (ordinal, invocation) = run.failure, let lasting = lastingFailure(of: run),
                !run.findings.contains(where: { $0.severity == .error && $0.severity >= threshold })
            else { return nil }
            let error = [invocation.errorType, invocation.errorMessage].compactMap(\.self).joined(separator: ": ")
            let life = ordinal == run.invocations.count ? "at its end" : ordinal == 0 ? "cold" : "warm \(ordinal)"
            let moment = run.testName(ordinal) ?? life
            let message = "\(moment): \(error.isEmpty ? "failed" : error)"
            guard told.insert(lasting.fingerprint).inserted else { return nil }
            return UnexplainedFailure(
                function: run.function,
                message: message,
                line: Self.ownLine(in: invocation.stackTrace ?? "")
                    ?? (run.session == nil ? nil : Self.lineTold(by: invocation.stackTrace ?? "")),
                isKnown: isKnownFailure(run),
                lasting: lasting
            )
        }
    }

    /// The last line that pytest names, as in `tests/test_orders.py:12: AssertionError`.
    private static func lineTold(by text: String) -> CodeLine? {
        let lines = text.split(whereSeparator: \.isNewline)
        let places = lines.compactMap { $0.prefixMatch(of: #/(\S+\.py):(\d+): /#)?.output }
        guard let place = places.last, let number = Int(place.2) else { return nil }
        return CodeLine(file: String(place.1), line: number, function: "")
    }

    /// The innermost line of a traceback that is neither Python's nor an installed package's.
    private static func ownLine(in stackTrace: String) -> CodeLine? {
        // As CPython writes them: File "/src/orders.py", line 12, in handler
        let lines = stackTrace.split(whereSeparator: \.isNewline).compactMap { text -> CodeLine? in
            let words = text.drop { $0 == " " }
            guard words.hasPrefix("File \""), let end = words.lastIndex(of: "\"") else { return nil }
            let file = String(words[..<end].dropFirst(6))
            let rest = words[end...].split(separator: ",").map { $0.drop { $0 == " " } }
            guard rest.count > 1, let number = Int(rest[1].dropFirst("line ".count)) else { return nil }
            return CodeLine(file: file, line: number, function: rest.last.map { String($0.dropFirst(3)) } ?? "")
        }
        return lines.last { !$0.isStandardLibrary && $0.installedPath == nil && !$0.file.hasPrefix("<") }
    }
}
