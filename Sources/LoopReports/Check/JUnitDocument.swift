package import LoopModel

/// A check as JUnit XML, which CI systems show as tests: a suite for each function, a case for each life.
///
/// Valid by both schemas that are in use: that of Ant's report (windyroad/JUnit-Schema), which wants every attribute,
/// and that of Jenkins (xunit-plugin, junit-10.xsd).
package struct JUnitDocument {
    let report: CheckReport

    package init(_ report: CheckReport) { self.report = report }

    package var text: String {
        var functions: [FunctionName] = []
        for run in report.runs where !functions.contains(run.function) { functions.append(run.function) }
        let suites =
            report.isOfSuites
            ? report.runs.enumerated().map { index, run in
                run.session.map { suite(run, $0, index) } ?? suite(run.function, [run], index)
            }
            : functions.enumerated().map { index, function in
                suite(function, report.runs.filter { $0.function == function }, index)
            }
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites>
            \(suites.joined(separator: "\n"))
            </testsuites>

            """
    }

    private func suite(_ function: FunctionName, _ runs: [CheckRun], _ index: Int) -> String {
        let results = runs.map(result(of:))
        let begun = runs.compactMap(\.invocations.first?.requestedAt).min() ?? WallTime(nanoseconds: 0)
        let attributes = [
            ("name", function.rawValue), ("package", "loopwarden"), ("id", "\(index)"),
            // A schema wants seconds, and no zone: it is UTC.
            ("timestamp", String(begun.rfc3339.prefix(19))), ("hostname", "localhost"), ("tests", "\(runs.count)"),
            ("failures", "\(results.count { $0 == .failure })"), ("errors", "\(results.count { $0 == .error })"),
            ("skipped", "\(results.count { $0 == .skipped })"),
            ("time", Self.seconds(runs.reduce(.zero) { $0 + Self.time(of: $1) })),
        ]
        let known = report.knownFindings.filter { $0.function == function }.map { finding in
            let reason = report.knownReason(of: finding) ?? ""
            let place = finding.site.map { "\($0.short): " } ?? ""
            return "known: \(place)\(finding.rule) (\(finding.code))\(reason.isEmpty ? "" : ", because \(reason)")"
        }
        return """
              <testsuite \(attributes.map { "\($0)=\"\(Self.attribute($1))\"" }.joined(separator: " "))>
                <properties/>
            \(zip(runs, results).map(testCase).joined(separator: "\n"))
                <system-out>\(Self.escaped(known.joined(separator: "\n")))</system-out>
                <system-err/>
              </testsuite>
            """
    }

    /// What JUnit knows of outcomes.
    private enum Result { case success, failure, error, skipped }

    private func result(of run: CheckRun) -> Result {
        if run.obstacle != nil { return .skipped }
        if report.passes(run) { return .success }
        // What fails cold was no test of warm starts.
        return run.failsCold ? .error : .failure
    }

    private func testCase(_ run: CheckRun, _ result: Result) -> String {
        let name = "\(run.host) on CPython \(run.python), \(run.loop.rawValue): \(run.schedule)"
        let opening = """
                <testcase classname="\(Self.attribute(run.function.rawValue))" name="\(Self.attribute(name))" \
            time="\(Self.seconds(Self.time(of: run)))"
            """
        func filled(_ element: String) -> String { "\(opening)>\n      \(element)\n    </testcase>" }
        switch result {
        case .success: return "\(opening)/>"
        case .skipped: return filled("<skipped message=\"\(Self.attribute(run.obstacle ?? ""))\"/>")
        case .failure: return filled(told("failure", run))
        case .error: return filled(told("error", run))
        }
    }

    private func told(_ element: String, _ run: CheckRun) -> String {
        let findings = run.findings.filter { !report.isKnown($0) }
        let type = findings.max { $0.severity < $1.severity }?.rule ?? run.failure?.invocation.errorType ?? "failure"
        var seen: Set<String> = []
        var stories = findings.filter { seen.insert($0.fingerprint).inserted }.map { finding in
            let place = finding.site.map { "\($0.short): " } ?? ""
            return "\(place)\(finding.rule) (\(finding.code)): \(finding.message)\nfix: \(finding.advice)"
        }
        if let trace = run.failure?.invocation.stackTrace, !trace.isEmpty { stories.append(trace) }
        if let again = run.reproduction ?? findings.lazy.compactMap(\.reproduction).first {
            stories.append("shortest: \(again.told)\nreplay: \(again.command)")
        }
        return """
            <\(element) type="\(Self.attribute(type))" message="\(Self.attribute(run.explanation))">\
            \(Self.escaped(stories.joined(separator: "\n\n")))</\(element)>
            """
    }

    static func time(of run: CheckRun) -> Duration {
        run.invocations.reduce(.zero) { $0 + ($1.initialization ?? .zero) + $1.duration }
    }

    static func seconds(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let millis = String(attoseconds / 1_000_000_000_000_000)
        return "\(seconds)." + String(repeating: "0", count: 3 - millis.count) + millis
    }

    static func attribute(_ text: String) -> String {
        escaped(text).replacing("\"", with: "&quot;").replacing("\n", with: "&#10;").replacing("\t", with: "&#9;")
    }

    /// Without the characters that XML 1.0 cannot hold at all.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\r": escaped += "&#13;"
            case "\t", "\n": escaped.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
