import LoopModel
import LoopRules
import Testing

@Suite("escaped-exit")
struct EscapedExitTests {
    private let rule = RuleBook([EscapedExit()])

    @Test("tells what ended the process, and where it was raised")
    func exit() throws {
        let findings = Life.escapedExit.story.findings(rule)
        #expect(findings.map(\.count) == [0, 1])
        let finding = try #require(findings[1].first)
        #expect(finding.severity == .error)
        #expect(finding.related.map { "\($0.role) \($0.line.line)" } == ["raised 6"])
        #expect(
            finding.message == """
                SystemExit, raised at handler.py:6 in invocation 1, came out of the handler and ended the process: on \
                AWS Lambda the caller gets "Runtime exited" instead of an answer, and the next start is cold.
                """
        )
        #expect(finding.advice.contains("instead of calling sys.exit() at handler.py:6"))
    }

    @Test("tells of a cancellation what to catch")
    func cancellation() throws {
        var story = Story()
        story.invocation(.crashed) { $0.observe(.exitEscaped, at: line(6), detail: "CancelledError") }
        let finding = try #require(story.findings(rule)[0].first)
        #expect(finding.advice.hasPrefix("Catch asyncio.CancelledError where the cancelled task is awaited"))
    }
}
