import LoopModel
import LoopRules
import Testing

@Suite("unretrieved-exception")
struct UnretrievedExceptionTests {
    private let rule = RuleBook([UnretrievedException()])

    @Test("tells where the task failed, and with what")
    func task() throws {
        let findings = Life.unretrieved.story.findings(rule)
        #expect(findings.map(\.count) == [1, 1])
        let finding = try #require(findings[0].first)
        #expect(finding.related.map { "\($0.role) \($0.line.line)" } == ["raised 6", "defined 5"])
        #expect(
            finding.message == """
                A task failed at handler.py:6 with "KeyError: id", and nobody has asked for its result; that came to \
                light in invocation 0 (cold). The invocation succeeded anyway.
                """
        )
    }

    @Test("tells once of several tasks that fail at one line")
    func once() {
        var story = Story()
        story.invocation { story in
            for key in ["a", "b"] {
                story.observe(.exceptionNeverRetrieved, at: line(6), detail: "KeyError: \(key)")
            }
        }
        #expect(story.findings(rule).map(\.count) == [1])
    }
}
