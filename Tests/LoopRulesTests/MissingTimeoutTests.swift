import LoopModel
import LoopRules
import Testing

@Suite("missing-timeout")
struct MissingTimeoutTests {
    private let rule = RuleBook([MissingTimeout()])

    @Test("tells what the tasks waited for that waited for no other")
    func waits() throws {
        let findings = Life.endlessWait.story.findings(rule)
        #expect(findings.map(\.count) == [1, 0])
        let finding = try #require(findings[0].first)
        #expect(finding.severity == .warning)
        #expect(finding.site?.line == 12)
        #expect(finding.related.map { "\($0.role) \($0.line.line)" } == ["waited 12", "waited 9", "waited 20"])
        #expect(
            finding.message == """
                Invocation 0 (cold) was ended by its time limit while its loop had nothing to do but wait: fetch() waited \
                at handler.py:12 (through httpcore/pool.py:57) and push() waited at handler.py:9.
                """
        )
        #expect(finding.advice.contains("async with asyncio.timeout(...)"))
    }

    @Test("is silent when the invocation ended otherwise, and when the loop was at work", arguments: [true, false])
    func silent(_ isBusy: Bool) {
        var story = Story()
        story.invocation(isBusy ? .timeout : .ok) {
            $0.observe(.awaitPending, isBusy ? .loopIsBusy : [], at: line(9), detail: "fetch")
        }
        #expect(story.findings(rule).flatMap(\.self).isEmpty)
    }

    @Test("does not name what CPython before 3.11 has not")
    func oldPython() throws {
        var story = Story(python: "3.10.13")
        story.invocation(.timeout) { $0.observe(.awaitPending, at: line(9), detail: "fetch") }
        let advice = try #require(story.findings(rule)[0].first?.advice)
        #expect(advice.contains("asyncio.wait_for(...)") && !advice.contains("asyncio.timeout("))
    }
}
