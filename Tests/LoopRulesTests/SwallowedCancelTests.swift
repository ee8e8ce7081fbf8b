import LoopModel
import LoopRules
import Testing

@Suite("swallowed-cancel")
struct SwallowedCancelTests {
    private let rule = RuleBook([SwallowedCancel()])

    @Test("tells where the task waits after its cancellation")
    func goesOn() throws {
        let findings = Life.swallowedCancel.story.findings(rule)
        #expect(findings.map(\.count) == [1, 1])
        let finding = try #require(findings[1].first)
        #expect(finding.related.map { "\($0.role) \($0.line.line)" } == ["waits 7", "defined 5"])
        #expect(
            finding.message == """
                The task of audit() was cancelled in invocation 1, swallowed the CancelledError and went on: it then \
                waited at handler.py:7. The invocation succeeded anyway.
                """
        )
    }
}
