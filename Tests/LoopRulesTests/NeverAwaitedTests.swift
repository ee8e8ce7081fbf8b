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

    @Test("is silent on what an earlier invocation's refusal may have left in a cycle", arguments: [true, false])
    func collectedLate(isRefused: Bool) {
        var story = Story(host: .perInvocation)
        story.invocation(.error) {
            guard isRefused else { return }
            let loop = $0.create(at: line(2))
            $0.close(loop, at: line(3))
            $0.use(loop, "run_until_complete", at: line(4))
        }
        story.invocation { _ in }
        story.invocation { $0.task(.neverAwaited, at: line(5, in: "audit")) }
        // What was refused has been collected: this is another.
        story.invocation { $0.task(.neverAwaited, at: line(5, in: "audit")) }
        #expect(story.findings(rule).map(\.count) == [0, 0, isRefused ? 0 : 1, 1])
    }

    @Test("is silent on the coroutines of tasks that were lost")
    func lost() {
        #expect(Life.pendingTask.story.findings(rule).flatMap(\.self) == [])
    }

    @Test("blames the line that took a coroutine for its result, once, as an error where it failed")
    func used() throws {
        var story = Story()
        let defined = [(RelatedSite.Role(rawValue: "defined"), Int?(0), line(4, in: "get"))]
        story.invocation(.error) {
            $0.observe(.neverAwaited, .usedAsResult, at: line(9))
            $0.observe(.neverAwaited, .usedAsResult, at: line(9), detail: "get", related: defined)
        }
        story.invocation { $0.observe(.neverAwaited, .usedAsResult, at: line(12)) }
        story.invocation(.error) {
            $0.observe(.neverAwaited, [.usedAsResult, .givenInList], at: line(15), detail: "get", related: defined)
        }
        let findings = story.findings(rule)
        #expect(findings.map { $0.map(\.severity) } == [[.error], [.warning], [.error]])
        let named = try #require(findings[0].first)
        #expect(named.related.map { "\($0.role) \($0.line.line)" } == ["used 9", "defined 4"])
        #expect(
            named.message == """
                Invocation 0 (cold) used the coroutine of get() at handler.py:9 as if it were the result: the await is \
                missing, and nothing of it ran.
                """
        )
        #expect(findings[1].first?.message.contains("used a coroutine at handler.py:12") == true)
        #expect(findings[2].first?.advice.contains("asyncio.gather(*calls)") == true)
    }
}
