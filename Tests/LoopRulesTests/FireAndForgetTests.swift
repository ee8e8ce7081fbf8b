import LoopModel
import LoopRules
import Testing

@Suite("fire-and-forget")
struct FireAndForgetTests {
    private let rule = RuleBook([FireAndForget()])

    @Test("tells in each invocation of a task that asyncio.run() cancels")
    func cancelled() throws {
        let findings = Life.fireAndForget.story.findings(rule)
        #expect(findings.map(\.count) == [1, 1, 1])
        let finding = try #require(findings[0].first)
        #expect(finding.severity == .warning)
        #expect(finding.site?.line == 6)
        #expect(finding.related.map { "\($0.role) \($0.line.line)" } == ["waits 6", "defined 5", "ran 14"])
        #expect(
            finding.message == """
                In invocation 0 (cold) asyncio.run() at handler.py:14 ended while the task of audit() waited at \
                handler.py:6, and cancelled it. The rest of its work is lost. The invocation succeeded anyway.
                """
        )
        #expect(finding.advice.hasPrefix("Keep the task of audit() and await it before answering."))
    }

    @Test("blames the line that made the task, where that is known")
    func created() throws {
        var story = Story(host: .perInvocation)
        story.invocation {
            $0.hosted { story, loop in
                story.run(loop)
                story.task(
                    .taskUnfinished,
                    .cancelledByHost,
                    on: loop,
                    at: line(6, in: "audit"),
                    created: line(10, in: "work")
                )
            }
        }
        let finding = try #require(story.findings(rule)[0].first)
        #expect(finding.site?.line == 10)
        #expect(
            finding.message.hasPrefix(
                "Invocation 0 (cold) answered while the task of audit(), made at handler.py:10, waited at "
                    + "handler.py:6, and the host cancelled it with its loop."
            )
        )
    }

    @Test("of a kept loop tells from the second time on, once for each invocation")
    func frozen() throws {
        let findings = Life.frozenTask.story.findings(rule)
        #expect(findings.map(\.count) == [0, 1, 1])
        let finding = try #require(findings[1].first)
        #expect(
            finding.message == """
                The task of audit() was unfinished when invocation 0 (cold) answered, and came to its end in \
                invocation 1: it was frozen in between, and ran on the time of another request. The invocation \
                succeeded anyway.
                """
        )
        #expect(finding.related.contains { $0.role.rawValue == "left" && $0.ordinal == 0 })
    }

    @Test("tells what becomes of a task on the loop of another thread")
    func inThread() throws {
        var story = Story()
        let loop = story.create(at: line(3, in: "<module>"))
        for flags in [LoopEvent.Flags.leftInThread, [.leftInThread, .leftBefore]] {
            story.invocation { $0.task(.taskUnfinished, flags, on: loop, at: line(6, in: "audit")) }
        }
        let findings = story.findings(rule)
        #expect(findings.map(\.count) == [0, 1])
        let finding = try #require(findings[1].first)
        #expect(finding.message.contains("the whole process is frozen between invocations"))
        #expect(finding.advice.contains(".result()"))
    }

    @Test("leaves tasks that do not take their cancellation to swallowed-cancel")
    func deaf() {
        #expect(Life.swallowedCancel.story.findings(rule).flatMap(\.self) == [])
    }

    @Test("tells of a task on a loop that nobody ran")
    func unrun() throws {
        let findings = Life.unrunTask.story.findings(rule)
        #expect(findings.map(\.count) == [1, 1])
        let finding = try #require(findings[0].first)
        #expect(
            finding.message == """
                Invocation 0 (cold) put the task of audit() on loop 1, which get_event_loop() had made at handler.py:12, and \
                nobody ran that loop: nothing of audit() has been done. The invocation succeeded anyway.
                """
        )
        #expect(finding.advice.contains("asyncio.run(...)"))
    }

    @Test("leaves to wrong-loop-object the task of another loop that was awaited")
    func stranger() {
        var story = Story(host: .perInvocation)
        story.invocation(.error) {
            let other = $0.create(at: line(3))
            $0.hosted { story, loop in
                story.begin(loop)
                story.observe(
                    .wrongLoop,
                    .isFuture,
                    on: loop,
                    at: line(9),
                    detail: "Task",
                    value: Int64(other.rawValue)
                )
            }
            $0.task(.taskUnfinished, .leftUnrun, on: other, at: line(5, in: "audit"))
        }
        #expect(story.findings(rule).flatMap(\.self) == [])
    }

    @Test("says of a gather() that has failed what it leaves behind")
    func deserted() throws {
        var story = Story()
        let loop = story.create(at: line(3, in: "<module>"))
        story.invocation { $0.run(loop) }
        story.invocation {
            $0.task(.taskResumed, .leftByGather, on: loop, at: line(6, in: "audit"), left: (line(6, in: "audit"), 0))
        }
        let finding = try #require(story.findings(rule)[1].first)
        #expect(finding.message.contains("came to its end in invocation 1"))
        #expect(finding.advice.hasPrefix("A gather() that fails leaves its other tasks running"))
    }
}
