import LoopModel
import LoopRules
import Testing

@Suite("blocking-call")
struct BlockingCallTests {
    private let rule = RuleBook([BlockingCall()])

    @Test("tells each line once for an invocation, with what it called and what does the same without blocking")
    func lines() throws {
        let findings = Life.blockedCalls.story.findings(rule)
        #expect(findings.map { $0.map { $0.site?.line ?? 0 } } == [[9, 11], [13]])
        let first = try #require(findings[0].first)
        #expect(first.severity == .warning)
        #expect(first.related.map { "\($0.role) \($0.line.line)" } == ["blocked 9", "called 59", "caller 15"])
        #expect(
            first.message == """
                Loop 1 stood still in invocation 0 (cold) for at least 812 ms, at handler.py:9: the thread waited for a \
                socket or pipe. It was in request() then, through requests, at requests/api.py:59. The invocation succeeded \
                anyway.
                """
        )
        #expect(first.advice == "Use an async HTTP client: httpx.AsyncClient or aiohttp.ClientSession.")
        let second = try #require(findings[0].last)
        let times = "2 times, for at least 400 ms at a time and 700 ms in all, at handler.py:11: the thread slept."
        #expect(second.message.contains(times))
        #expect(second.advice == "Use await asyncio.sleep(...) in place of time.sleep(...).")
    }

    @Test("says when the machine was short of CPU, and nothing of success where the invocation failed")
    func starved() throws {
        let finding = try #require(Life.blockedCalls.story.findings(rule)[1].first)
        #expect(
            finding.message == """
                The event loop stood still in invocation 1 for at least 2.5 s, at handler.py:13: the thread computed. The \
                machine was short of CPU at the time, so that it took longer than it would have.
                """
        )
        #expect(finding.advice.contains("asyncio.to_thread"))
    }

    @Test("names run_in_executor on CPython 3.8, which has no to_thread")
    func oldPython() throws {
        var story = Story(python: "3.8.18")
        story.invocation {
            $0.observe(.loopBlocked, at: line(13), detail: "file", value: 300_000_000)
        }
        let advice = try #require(story.findings(rule)[0].first?.advice)
        #expect(advice.contains("run_in_executor") && !advice.contains("to_thread"))
    }

    @Test("lets libraries set themselves up in the cold invocation")
    func setup() {
        var story = Story()
        for _ in 0..<2 {
            story.invocation {
                $0.observe(
                    .loopBlocked,
                    at: line(13),
                    detail: "computing",
                    value: 400_000_000,
                    related: [(.called, 0, CodeSite(line: Life.requests, isUserCode: false))]
                )
            }
        }
        #expect(story.findings(rule).map(\.count) == [0, 1])
    }

    @Test("leaves a wait for the own loop to the rule that knows why it waits")
    func deadlock() {
        #expect(Life.ownLoopWaits.story.findings(rule).flatMap(\.self).isEmpty)
        let all = Life.ownLoopWaits.story.findings(RuleBook([Deadlock(), BlockingCall()]))
        #expect(all.flatMap(\.self).map(\.rule) == ["deadlock"])
    }
}

@Suite("deadlock")
struct DeadlockTests {
    private let rule = RuleBook([Deadlock()])

    @Test("tells the wait, and what handed the coroutine over")
    func wait() throws {
        let finding = try #require(Life.ownLoopWaits.story.findings(rule)[0].first)
        #expect(finding.severity == .error)
        #expect(finding.site?.line == 9)
        #expect(finding.related.map { "\($0.role) \($0.line.line)" } == ["created 8", "waited 9"])
        #expect(
            finding.message == """
                Future.result() at handler.py:9 in invocation 0 (cold) waited in the thread that runs loop 1, for what \
                only that loop can do. The coroutine was handed to that loop at handler.py:8, and cannot run before the \
                wait is over. The invocation succeeded anyway.
                """
        )
    }

    @Test("tells of a join that the joined thread waits for the loop")
    func join() throws {
        var story = Story()
        story.invocation(.timeout) {
            $0.observe(
                .ownLoopWait,
                at: line(9),
                detail: "Thread.join()",
                related: [(.created, 0, line(4, in: "worker"))]
            )
        }
        let finding = try #require(story.findings(rule)[0].first)
        #expect(finding.message.hasSuffix("The thread that it waits for waits for the loop in turn at handler.py:4."))
        #expect(finding.advice.contains("asyncio.to_thread(thread.join)"))
    }

    @Test("tells of a wait for a loop that nobody runs")
    func idle() throws {
        var story = Story()
        let loop = story.create(at: line(3, in: "<module>"))
        story.invocation(.error) {
            $0.observe(.ownLoopWait, .loopIsIdle, on: loop, at: line(9), detail: "Future.result()")
        }
        let finding = try #require(story.findings(rule)[0].first)
        #expect(finding.related.map { "\($0.role) \($0.line.line)" } == ["created 3", "waited 9"])
        #expect(finding.message.hasPrefix("Future.result() at handler.py:9 in invocation 0 (cold) waited for loop 1"))
        #expect(finding.message.contains("no thread ran"))
    }
}
