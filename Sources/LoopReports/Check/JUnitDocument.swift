package import LoopModel

/// A check as JUnit XML, which CI systems show as tests: a suite for each function, a case for each life.
package struct JUnitDocument {
    private let report: CheckReport

    package init(_ report: CheckReport) { self.report = report }

    package var text: String {
        var functions: [FunctionName] = []
        for run in report.runs where !functions.contains(run.function) { functions.append(run.function) }
        let suites = functions.map { function in suite(function, report.runs.filter { $0.function == function }) }
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites>
            \(suites.joined(separator: "\n"))
            </testsuites>

            """
    }

    private func suite(_ function: FunctionName, _ runs: [CheckRun]) -> String {
        let failures = runs.filter { !report.passes($0) }.count
        let skipped = runs.filter { $0.obstacle != nil }.count
        let time = Self.seconds(runs.reduce(.zero) { $0 + Self.time(of: $1) })
        return """
              <testsuite name="\(Self.attribute(function.rawValue))" tests="\(runs.count)" failures="\(failures)" \
            errors="0" skipped="\(skipped)" time="\(time)">
            \(runs.map(testCase).joined(separator: "\n"))
              </testsuite>
            """
    }

    private func testCase(_ run: CheckRun) -> String {
        let name = "\(run.host) on CPython \(run.python), \(run.loop.rawValue): \(run.schedule)"
        let opening = """
                <testcase classname="\(Self.attribute(run.function.rawValue))" name="\(Self.attribute(name))" \
            time="\(Self.seconds(Self.time(of: run)))"
            """
        if let obstacle = run.obstacle {
            return "\(opening)>\n      <skipped message=\"\(Self.attribute(obstacle))\"/>\n    </testcase>"
        }
        if report.passes(run) { return "\(opening)/>" }
        let type =
            run.findings.max { $0.severity < $1.severity }?.rule ?? run.failure?.invocation.errorType ?? "failure"
        var told: Set<String> = []
        let stories = run.findings.filter { told.insert($0.fingerprint).inserted }.map { finding in
            let place = finding.site.map { "\($0.short): " } ?? ""
            return "\(place)\(finding.rule) (\(finding.code)): \(finding.message)\nfix: \(finding.advice)"
        }
        return """
            \(opening)>
                  <failure type="\(Self.attribute(type))" message="\(Self.attribute(run.explanation))">\
            \(Self.escaped(stories.joined(separator: "\n\n")))</failure>
                </testcase>
            """
    }

    private static func time(of run: CheckRun) -> Duration {
        run.invocations.reduce(.zero) { $0 + ($1.initialization ?? .zero) + $1.duration }
    }

    private static func seconds(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let millis = String(attoseconds / 1_000_000_000_000_000)
        return "\(seconds)." + String(repeating: "0", count: 3 - millis.count) + millis
    }

    private static func attribute(_ text: String) -> String {
        escaped(text).replacing("\"", with: "&quot;").replacing("\n", with: "&#10;")
    }

    /// Without the characters that XML 1.0 cannot hold at all.
    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\t", "\n": escaped.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
