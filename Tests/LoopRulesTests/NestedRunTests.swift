import LoopModel
import LoopRules
import Testing

@Suite("nested-run")
struct NestedRunTests {
    private let rule = RuleBook([NestedRun()])

    @Test("tells of a refused asyncio.run() once per line and invocation, with its coroutine")
    func refused() throws {
        let findings = Life.nestedRun.story.findings(rule)
        #expect(findings.map(\.count) == [1, 1, 1])
        let finding = try #require(findings[0].first)
        #expect(finding.severity == .error)
        #expect(finding.site?.line == 9)
        #expect(
            finding.message == """
                Invocation 0 (cold) called asyncio.run() at handler.py:9 where the host's loop 1 was running, and was \
                refused. The coroutine lookup() (handler.py:4) did not run: it was never awaited.
                """
        )
        #expect(finding.advice.hasPrefix("Make the function that calls it, find(), an async def"))
        #expect(findings[1].first?.message.hasSuffix("The invocation succeeded anyway.") == true)
    }

    @Test("is silent where the coroutine ran in another way or was closed")
    func otherwise() {
        #expect(attempt("asyncio.run", .mayRunOtherwise).findings(rule) == [[]])
    }

    @Test("tells always of what cannot run otherwise")
    func noCoroutine() throws {
        let finding = try #require(attempt("run_forever", []).findings(rule)[0].first)
        #expect(finding.message.contains("run_forever() at handler.py:9 where loop 1 was running (since handler.py:3)"))
        #expect(finding.message.contains("What it was to run did not run."))
    }

    @Test("says that uvloop runs the coroutine all the same")
    func later() throws {
        let finding = try #require(attempt("run_until_complete", .runsLater).findings(rule)[0].first)
        #expect(finding.message.contains("it runs all the same, later, with nobody who waits for it."))
    }

    @Test("advises another way for a loop that runs in another thread")
    func elsewhere() throws {
        let finding = try #require(attempt("run_until_complete", .runsElsewhere).findings(rule)[0].first)
        #expect(finding.message.contains("while loop 1 was running (since handler.py:3) in another thread"))
        #expect(finding.advice.contains("asyncio.run_coroutine_threadsafe(coroutine, loop).result()"))
    }

    @Test("warns where nest_asyncio allows it")
    func allowed() throws {
        var story = Story()
        story.invocation { story in
            let loop = story.create(at: line(3))
            story.begin(loop, at: line(3))
            let site = line(9, via: CodeLine(file: "/x/site-packages/nest_asyncio.py", line: 30, function: "run"))
            story.observe(.runBegun, .nested, on: loop, at: site, value: 1)
        }
        let finding = try #require(story.findings(rule)[0].first)
        #expect(finding.severity == .warning)
        #expect(
            finding.message.contains("called asyncio.run() at handler.py:9 (through nest_asyncio.py:30) where loop 1")
        )
        #expect(finding.message.contains("nest_asyncio let it run inside."))
    }

    private func attempt(_ called: String, _ flags: LoopEvent.Flags) -> Story {
        var story = Story()
        story.invocation { story in
            let loop = story.create(at: line(3))
            story.begin(loop, at: line(3))
            story.refuse(
                called,
                inside: loop,
                at: line(9, in: "find"),
                flags,
                coroutine: called == "asyncio.run" ? line(4, in: "lookup") : nil
            )
        }
        return story
    }
}
