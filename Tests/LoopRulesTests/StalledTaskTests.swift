import LoopModel
import LoopRules
import Testing

@Suite("stalled-task")
struct StalledTaskTests {
    private let rule = RuleBook([StalledTask()])

    @Test("tells the story of a task that a freeze interrupts, from its begin to its end")
    func finished() throws {
        let findings = Life.stalledTask.story.findings(rule)
        #expect(findings.map(\.count) == [0, 1])
        let finding = try #require(findings.last?.first)
        #expect(finding.severity == .warning && finding.code == "LW410" && finding.ordinal == 1)
        #expect(finding.site?.line == 6)
        #expect(
            finding.message == """
                The task of audit(), begun in invocation 0 (cold), waited at handler.py:6 when the environment was \
                frozen for 12.0 s. It went on in invocation 1 at handler.py:8, and came to its end on the time of \
                another request. Clocks do not stop with it: its timer had come due 11.5 s before, and fired at once. \
                The invocation succeeded anyway.
                """
        )
        #expect(
            finding.related.map { "\($0.role) \($0.ordinal ?? -1) \($0.line.line)" } == [
                "waits 1 6", "defined 0 5", "left 0 6", "resumed 1 8",
            ]
        )
        #expect(finding.advice.hasPrefix("Await the task of audit() before answering:"))
    }

    @Test("tells of one that goes on and on when another is left beside it")
    func unfinished() throws {
        let findings = Life.stalledPile.story.findings(rule)
        #expect(findings.map(\.count) == [0, 0, 0, 1])
        #expect(
            findings.last?.first?.message == """
                Invocation 3 answered and left the task of audit() unfinished at handler.py:6, beside an earlier one, \
                begun in invocation 0 (cold), that waited at handler.py:6 when the environment was frozen, 2 times, for \
                24.0 s in all. That one goes on when a later invocation runs the loop, or never. The invocation \
                succeeded anyway.
                """
        )
    }

    @Test("tells of one whose timeout was over at once, and that failed")
    func failed() throws {
        let finding = try #require(Life.stalledTimeout.story.findings(rule).last?.first)
        #expect(
            finding.message == """
                The task of audit(), begun in invocation 0 (cold), waited at handler.py:6 when the environment was \
                frozen for 12.0 s. It went on in invocation 1, and failed there at handler.py:7: nobody sees the \
                exception. Clocks do not stop with it: its time limit had run out 11.5 s before, and struck at once. The \
                invocation succeeded anyway.
                """
        )
        #expect(finding.related.contains { $0.role.rawValue == "raised" && $0.line.line == 7 })
    }

    @Test("is the only one to tell it; where nothing was frozen, or only on request, fire-and-forget does")
    func oneStory() {
        for flags in [nil, [], .onRequest] as [LoopEvent.Flags?] { oneStory(flags) }
    }

    private func oneStory(_ flags: LoopEvent.Flags?) {
        var story = Story()
        var loop = LoopSerial(rawValue: 0)
        story.invocation {
            loop = $0.create(at: line(12))
            $0.set(loop, at: line(12))
            $0.frozenTask(.taskUnfinished, .leftFrozen, on: loop, at: 6)
        }
        if let flags { story.freeze(flags) { $0.frozenTask(.taskFrozen, .isForgotten, on: loop, at: 6) } }
        story.invocation {
            $0.run(loop, at: line(13))
            $0.frozenTask(.taskResumed, on: loop, at: 6, left: 0)
        }
        #expect(
            story.findings().map { $0.map(\.rule) } == [[], [flags == [] ? "stalled-task" : "fire-and-forget"]]
        )
    }

    @Test("says nothing of services, nor of tasks that were told of before an invocation came in between")
    func services() {
        #expect(Life.frozenService.story.findings(rule).flatMap(\.self) == [])
        var story = Story()
        let loop = story.create(at: line(3, in: "<module>"))
        story.invocation { $0.frozenTask(.taskUnfinished, .leftFrozen, on: loop, at: 6) }
        story.frozenTask(.taskFrozen, .isForgotten, on: loop, at: 6)  // the freeze was called off
        story.invocation { $0.frozenTask(.taskResumed, on: loop, at: 6, left: 0) }
        #expect(story.findings(rule).flatMap(\.self) == [])
    }
}
