import LoopModel
import LoopRules
import Testing

@Suite("never-awaited")
struct NeverAwaitedTests {
    private let rule = RuleBook([NeverAwaited()])

    @Test("blames the call where it is known, else the function")
    func places() throws {
        let findings = Life.neverAwaited.story.findings(rule)
        #expect(findings.map(\.count) == [2, 2])
        let atCall = try #require(findings[0].first), atDefinition = try #require(findings[0].last)
        #expect(atCall.related.map { "\($0.role) \($0.line.line)" } == ["called 9", "defined 5"])
        #expect(
            atCall.message == """
                The coroutine of audit(), called at handler.py:9 in invocation 0 (cold), was dropped without having \
                been awaited: nothing of it ran. The invocation succeeded anyway.
                """
        )
        #expect(atDefinition.site?.line == 3)
        #expect(atDefinition.advice.contains("probe: deep"))
    }

    @Test("is silent on what a closed or running loop has refused")
    func refused() {
        var story = Story(host: .perInvocation)
        story.invocation {
            let loop = $0.create(at: line(2))
            $0.close(loop, at: line(3))
            $0.use(loop, "run_until_complete", at: line(4))
            $0.task(.neverAwaited, at: line(5, in: "audit"))
        }
        story.invocation {
            $0.hosted { story, loop in
                story.begin(loop)
                story.refuse(inside: loop, at: line(9), .wasLost, coroutine: line(5, in: "audit"))
                story.task(.neverAwaited, .atCall, at: line(9))
                story.task(.neverAwaited, at: line(5, in: "audit"))
            }
        }
        #expect(story.findings(rule).flatMap(\.self) == [])
    }

    @Test("is silent on the coroutines of tasks that were lost")
    func lost() {
        #expect(Life.pendingTask.story.findings(rule).flatMap(\.self) == [])
    }
}
