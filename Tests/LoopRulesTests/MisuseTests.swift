import LoopModel
import LoopRules
import Testing

@Suite("nest-asyncio, async-cm-misuse and cancel-scope-misuse")
struct MisuseTests {
    private let rules = RuleBook([NestAsyncio(), CancelScopeMisuse(), AsyncCMMisuse()])

    @Test("are told once per line and invocation, with what is to be written instead")
    func told() throws {
        let findings = Life.misuses.story.findings(rules)
        #expect(
            findings.map { $0.map(\.rule) } == [
                ["nest-asyncio", "async-cm-misuse"], ["cancel-scope-misuse", "async-cm-misuse"],
            ]
        )
        #expect(findings.map { $0.map(\.severity) } == [[.info, .error], [.error, .warning]])
        #expect(
            findings[0].last?.message == """
                A with at handler.py:7 in invocation 0 (cold) was given what is no plain context manager: "'Lock' object \
                does not support the context manager protocol".
                """
        )
        #expect(findings[0].last?.advice == "Write async with instead of with at handler.py:7, inside an async def.")
        #expect(findings[1].first?.message.contains("in another task than the one that had entered it.") == true)
        #expect(
            findings[1].last?.message.hasSuffix("The error was swallowed. The invocation succeeded anyway.") == true
        )
    }

    @Test("advise to await a coroutine first")
    func coroutine() throws {
        var story = Story()
        let text = "'coroutine' object does not support the asynchronous context manager protocol"
        story.invocation(.error) { $0.observe(.asyncCmMisuse, .hasEscaped, at: line(7), detail: text) }
        #expect(try #require(story.findings(rules)[0].first).advice.hasPrefix("Await the coroutine first:"))
    }

    @Test("call nest_asyncio an error where it fails", arguments: [LoopEvent.Flags.wasRefused, .hasNoFactory])
    func nest(_ flags: LoopEvent.Flags) throws {
        var story = Story(loop: .uvloop)
        story.invocation(.error) { $0.observe(.nestAsyncio, flags, at: line(7), detail: "nest_asyncio") }
        let finding = try #require(story.findings(rules)[0].first)
        #expect(finding.severity == .error)
        #expect(finding.message.contains(flags == .wasRefused ? "ValueError" : "TypeError"))
    }

    @Test("call a deprecated name a warning once a released Python has it no longer")
    func deprecated() throws {
        var severities: [Severity] = []
        for (python, name) in [
            ("3.9.18", "loop="), ("3.13.0", "set_child_watcher"), ("3.13.0", "set_event_loop_policy"),
            ("3.13.0", "get_event_loop"),
        ] {
            var story = Story(python: python)
            story.invocation { $0.observe(.deprecatedApi, at: line(7), detail: name) }
            severities.append(try #require(story.findings(RuleBook([DeprecatedAPI()]))[0].first).severity)
        }
        #expect(severities == [.warning, .warning, .info, .info])
    }

    @Test("call what this Python lacks of asyncio an error, and nothing what it has")
    func lacking() throws {
        for (python, name, said) in [
            ("3.12.1", "loop=", "gone from Python 3.10 on"), ("3.8.18", "TaskGroup", "there from Python 3.11 on"),
        ] {
            var story = Story(python: python)
            story.invocation(.error) { $0.observe(.deprecatedApi, .isLacking, at: line(7), detail: name) }
            let finding = try #require(story.findings(RuleBook([DeprecatedAPI()]))[0].first)
            #expect(finding.severity == .error)
            #expect(finding.message.contains(said))
        }
        var story = Story(python: "3.13.0")
        story.invocation(.error) { $0.observe(.deprecatedApi, .isLacking, at: line(7), detail: "TaskGroup") }
        story.invocation(.error) { $0.observe(.deprecatedApi, .isLacking, at: line(7), detail: "mistyped") }
        #expect(story.findings(RuleBook([DeprecatedAPI()])).flatMap(\.self) == [])
    }

    @Test(
        "tell of a task group or timeout outside of its block",
        arguments: [
            ("TaskGroup is finished", "outside of its async with", "inside the block"),
            ("TaskGroup has already been entered", "a second time", "Make a new one"),
            ("Timeout should be used inside a task", "where no task runs", "runs as a task"),
            ("This task group is not active; no new tasks can be started.", "outside of its", "inside the block"),
        ]
    )
    func outsideOfBlock(_ text: String, _ said: String, _ advice: String) throws {
        var story = Story()
        story.invocation(.error) { $0.observe(.asyncCmMisuse, .hasEscaped, at: line(7), detail: text) }
        let finding = try #require(story.findings(rules)[0].first)
        #expect(finding.severity == .error)
        #expect(finding.message.contains(said))
        #expect(finding.advice.contains(advice))
    }
}
