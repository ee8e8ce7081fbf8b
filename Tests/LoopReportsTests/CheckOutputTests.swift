import LoopModel
import LoopReports
import Testing

@Suite("A check's outputs for programs")
struct CheckOutputTests {
    private static let rule = RuleDescription(
        id: "closed-loop-reuse",
        code: "LW201",
        severity: .error,
        title: "An event loop is used after it was closed",
        summary: "It was closed before.",
        help: "Do not."
    )

    private func report(
        _ message: String = "It was <closed> & \"used\",\n50 % of it.",
        obstacle: String? = nil
    ) -> CheckReport {
        let name = FunctionName(sanitizing: "orders")
        let line = CodeLine(file: "my orders.py", line: 9, function: "handler")
        var run = CheckRun(function: name, host: .bare, python: "3.11.7", loop: .asyncio, schedule: "cold, warm")
        run.obstacle = obstacle
        var record = InvocationRecord(id: .random(), function: name, requestedAt: WallTime(nanoseconds: 0))
        (record.outcome, record.duration, record.isCold) = (.ok, .milliseconds(1234), true)
        if obstacle == nil {
            run.invocations = [record]
            let library = CodeLine(file: "/opt/lib/pool.py", line: 3, function: "get")
            run.findings = [
                Finding(
                    rule: Self.rule.id,
                    code: Self.rule.code,
                    severity: .error,
                    function: name,
                    environment: EnvironmentID(rawValue: "0f1e2d3c4b5a69788796a5b4c3d2e1f0"),
                    invocation: nil,
                    ordinal: 0,
                    site: line,
                    related: [RelatedSite(role: .via, ordinal: 0, line: library)],
                    message: message,
                    advice: "Make it anew."
                )
            ]
        }
        return CheckReport(runs: [run])
    }

    private func place(_ function: FunctionName, _ file: String) -> String {
        file.hasPrefix("/") ? file : "src/\(file)"
    }

    @Test("SARIF names rule, level, line, further lines and fingerprint, and encodes paths")
    func sarif() throws {
        let report = report()
        let run = try #require(SARIFDocument(report, rules: [Self.rule], path: place).json["runs"]?.elements?.first)
        let rules = run["tool"]?["driver"]?["rules"]?.elements?.map { $0["id"]?.stringValue }
        #expect(rules == ["LW000", "LW201"])
        let result = try #require(run["results"]?.elements?.first)
        #expect(result["ruleId"]?.stringValue == "LW201" && result["ruleIndex"]?.intValue == 1)
        #expect(result["level"]?.stringValue == "error")
        let location = try #require(result["locations"]?.elements?.first?["physicalLocation"])
        #expect(location["artifactLocation"]?["uri"]?.stringValue == "src/my%20orders.py")
        #expect(location["artifactLocation"]?["uriBaseId"]?.stringValue == "%SRCROOT%")
        #expect(location["region"]?["startLine"]?.intValue == 9)
        let related = try #require(result["relatedLocations"]?.elements?.first)
        let artifact = related["physicalLocation"]?["artifactLocation"]
        #expect(artifact?["uri"]?.stringValue == "file:///opt/lib/pool.py" && artifact?["uriBaseId"] == nil)
        let fingerprint = report.findings.first?.fingerprint
        #expect(result["partialFingerprints"]?["loopwarden/v1"]?.stringValue == fingerprint)
    }

    @Test("JUnit XML escapes what it must, and counts failures and what was not run")
    func junit() {
        let text = JUnitDocument(report("It was <closed> & \"used\" \u{1}.")).text
        #expect(text.contains("tests=\"1\" failures=\"1\" errors=\"0\" skipped=\"0\" time=\"1.234\""))
        #expect(text.contains("It was &lt;closed&gt; &amp; \"used\" \u{FFFD}."))
        let skipped = JUnitDocument(report(obstacle: "no \"uvloop\"")).text
        #expect(skipped.contains("<skipped message=\"no &quot;uvloop&quot;\"/>"))
        #expect(skipped.contains("failures=\"0\" errors=\"0\" skipped=\"1\""))
    }

    @Test("GitHub's annotations escape what ends a property or a line")
    func github() {
        let annotations = GitHubAnnotations(report(), path: { "a,b:\($1)" })
        #expect(
            annotations.text
                == "::error file=a%2Cb%3Amy orders.py,line=9,title=closed-loop-reuse (LW201)"
                + "::It was <closed> & \"used\",%0A50 %25 of it. Make it anew.\n"
        )
        #expect(annotations.summary.contains("| orders | bare | 3.11.7 | asyncio | cold, warm | fail |"))
    }

    @Test("A finding too mild to count fails a run nowhere")
    func threshold() {
        var report = report()
        report.runs[0].findings[0].severity = .warning
        report.threshold = .error
        #expect(report.verdict == .clean)
        #expect(JUnitDocument(report).text.contains("failures=\"0\""))
        #expect(GitHubAnnotations(report, path: { $1 }).summary.contains("| pass | closed-loop-reuse |"))
        #expect(
            report.document.rendered(as: .table(width: 0, colour: false), for: Reader()).contains(
                "pass    closed-loop-reuse"
            )
        )
    }
}
