import LoopModel
import LoopRules
import Testing

@Suite("pending-task")
struct PendingTaskTests {
    private let rule = RuleBook([PendingTask()])

    @Test("tells of a task over which its loop was closed")
    func atClose() throws {
        let findings = Life.pendingTask.story.findings(rule)
        #expect(findings.map(\.count) == [1, 1])
        let finding = try #require(findings[0].first)
        #expect(finding.related.map { "\($0.role) \($0.line.line)" } == ["waits 6", "defined 5", "closed 14"])
        #expect(
            finding.message == """
                Loop 1 was closed at handler.py:14 in invocation 0 (cold) while the task of audit() waited at \
                handler.py:6. It was not cancelled and will never go on: the rest of its work is lost, and its \
                clean-up is left to chance. The invocation succeeded anyway.
                """
        )
    }

    @Test("tells of a task that was collected")
    func collected() throws {
        var story = Story()
        story.invocation(.error) { $0.task(.taskDestroyed, .neverBegun, at: line(5, in: "audit")) }
        let finding = try #require(story.findings(rule)[0].first)
        #expect(
            finding.message.hasPrefix(
                "The task of audit() was collected in invocation 0 (cold), while it had not begun to run."
            )
        )
        #expect(!finding.message.contains("succeeded"))
    }
}
