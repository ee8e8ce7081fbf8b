import LoopModel
import LoopRules
import Testing

@Suite("no-current-loop and no-running-loop")
struct MissingLoopTests {
    private let rules = RuleBook([NoCurrentLoop(), NoRunningLoop()])

    @Test("names the line that emptied the slot, in whichever invocation")
    func emptied() throws {
        let findings = Life.emptiedSlot.story.findings(rules)
        #expect(findings.map(\.count) == [1, 1])
        let finding = try #require(findings[1].first)
        #expect(finding.rule == "no-current-loop")
        #expect(finding.severity == .error)
        #expect(finding.related.map { "\($0.role) \($0.line.line)" } == ["set 8", "used 9"])
        #expect(
            finding.message == """
                Invocation 1 called get_event_loop() at handler.py:9, and there was no current loop. The slot had \
                been emptied by asyncio.run() at handler.py:8.
                """
        )
    }

    @Test("advises another way in a thread")
    func thread() throws {
        var story = Story()
        story.invocation { story in
            story.thread = 2
            story.observe(.noCurrentLoop, at: line(5, in: "work"))
            story.thread = 1
        }
        let finding = try #require(story.findings(rules)[0].first)
        #expect(finding.message.contains("in a thread of its own"))
        #expect(finding.message.hasSuffix("The invocation succeeded anyway."))
        #expect(finding.advice.hasPrefix("In a thread use asyncio.run(...)"))
    }

    @Test(
        "is silent where a loop is made, set or run instead",
        arguments: [LoopEvent.Kind.noCurrentLoop, .noRunningLoop]
    )
    func cured(_ kind: LoopEvent.Kind) {
        var story = Story()
        story.invocation { story in
            story.observe(kind, at: line(5))
            story.asyncioRun(at: line(7, via: runners))
        }
        story.invocation { story in
            story.asyncioRun(at: line(7, via: runners))
            story.observe(kind, .wasCaught, at: line(5))
        }
        #expect(story.findings(rules) == [[], []])
    }

    @Test("is not cured by what another thread does, or by what came before")
    func notCured() {
        var story = Story()
        story.invocation { story in
            story.asyncioRun(at: line(3, via: runners))
            story.observe(.noRunningLoop, at: line(5))
            story.thread = 2
            story.asyncioRun(at: line(7, via: runners))
            story.thread = 1
        }
        #expect(story.findings(rules)[0].map(\.severity) == [.warning])
    }

    @Test("leaves libraries alone, unless their error comes out of the handler")
    func libraries() {
        var story = Story()
        story.invocation { $0.observe(.noCurrentLoop, at: line(5, via: library)) }
        story.invocation(.error) { story in
            story.observe(.noCurrentLoop, at: line(5, via: library))
            story.observe(.noCurrentLoop, .hasEscaped, at: line(5, via: library))
        }
        #expect(story.findings(rules).map { $0.map(\.severity) } == [[], [.error]])
    }

    @Test("tells once what was seen and came out")
    func once() throws {
        let finding = try #require(Life.noRunningLoop.story.findings(rules)[0].first)
        #expect(finding.severity == .error)
        #expect(
            finding.message
                == "Invocation 0 (cold) asked for the running loop at handler.py:9, and none ran in that thread."
        )
        #expect(Life.noRunningLoop.story.findings(rules).map(\.count) == [1, 1])
    }
}
