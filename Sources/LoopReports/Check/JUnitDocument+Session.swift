import LoopModel

extension JUnitDocument {
    /// A session of tests as a suite of its own, with a case for each test that was begun.
    func suite(_ run: CheckRun, _ session: TestSession, _ index: Int) -> String {
        let cases = run.invocations.indices.map { Case(run, session, $0, in: report) }
        let begun = run.invocations.first?.requestedAt ?? WallTime(nanoseconds: 0)
        let attributes = [
            ("name", "\(run.function) on CPython \(run.python), \(run.loop.rawValue)"), ("package", "loopwarden"),
            ("id", "\(index)"), ("timestamp", String(begun.rfc3339.prefix(19))), ("hostname", "localhost"),
            ("tests", "\(cases.count)"), ("failures", "\(cases.count { $0.kind == .failure })"),
            ("errors", "\(cases.count { $0.kind == .error })"), ("skipped", "\(cases.count { $0.kind == .skipped })"),
            ("time", Self.seconds(Self.time(of: run))),
        ]
        let ofNoTest = run.findings.filter { finding in
            !report.isKnown(finding) && !(finding.ordinal.map(run.invocations.indices.contains) ?? false)
        }
        return """
              <testsuite \(attributes.map { "\($0)=\"\(Self.attribute($1))\"" }.joined(separator: " "))>
                <properties/>
            \(cases.map(\.text).joined(separator: "\n"))
                <system-out>\(Self.escaped(ofNoTest.map(Self.story(of:)).joined(separator: "\n\n")))</system-out>
                <system-err/>
              </testsuite>
            """
    }

    /// One test.
    private struct Case {
        enum Kind: String { case success, failure, error, skipped }

        var kind: Kind
        var text: String

        init(_ run: CheckRun, _ session: TestSession, _ index: Int, in report: CheckReport) {
            let invocation = run.invocations[index]
            let test = session.tests.indices.contains(index) ? session.tests[index] : nil
            let findings = run.findings.filter { $0.ordinal == index && !report.isKnown($0) }
            let counting = findings.filter { $0.severity >= report.threshold }
            let parts = (test?.id ?? "collection").split(separator: "::", maxSplits: 1).map(String.init)
            let opening = """
                    <testcase classname="\(JUnitDocument.attribute(parts[0]))" \
                name="\(JUnitDocument.attribute(parts.last ?? ""))" \
                time="\(JUnitDocument.seconds(invocation.duration))"
                """
            kind =
                invocation.outcome != .ok
                ? (test == nil ? .error : .failure)
                : !counting.isEmpty ? .failure : test?.result == .skipped ? .skipped : .success
            func filled(_ element: String) -> String { "\(opening)>\n      \(element)\n    </testcase>" }
            let reason = JUnitDocument.attribute(test?.reason ?? invocation.errorMessage ?? "")
            switch kind {
            case .success: text = "\(opening)/>"
            case .skipped: text = filled("<skipped message=\"\(reason)\"/>")
            case .failure, .error:
                let type = counting.max { $0.severity < $1.severity }?.rule ?? invocation.errorType ?? "failure"
                let rules = counting.map(\.rule).joined(separator: ", ")
                let message = reason.isEmpty ? rules : reason
                let stories = findings.map(JUnitDocument.story(of:)) + [invocation.stackTrace].compactMap(\.self)
                text = filled(
                    "<\(kind.rawValue) type=\"\(JUnitDocument.attribute(type))\" message=\"\(message)\">"
                        + "\(JUnitDocument.escaped(stories.joined(separator: "\n\n")))</\(kind.rawValue)>"
                )
            }
        }
    }

    private static func story(of finding: Finding) -> String {
        let place = finding.site.map { "\($0.short): " } ?? ""
        return "\(place)\(finding.rule) (\(finding.code)): \(finding.message)\nfix: \(finding.advice)"
    }
}
