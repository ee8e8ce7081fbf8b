import LoopModel
import LoopRules
import Testing

@Suite("close-running-loop")
struct CloseRunningLoopTests {
    private let rule = RuleBook([CloseRunningLoop()])

    @Test("tells which coroutine closes its own loop")
    func own() throws {
        let finding = try #require(Life.refusedClose.story.findings(rule)[0].first)
        #expect(finding.site?.line == 5)
        #expect(
            finding.message == """
                Invocation 0 (cold) tried to close loop 1 at handler.py:5, but it was still running the coroutine that \
                did so. The loop refused and stays open. It was created at handler.py:9 in invocation 0 (cold). The \
                invocation succeeded anyway.
                """
        )
    }

    @Test("tells how to close a loop that runs in another thread, once for each line")
    func elsewhere() throws {
        var story = Story()
        let loop = story.create(at: line(4, in: "<module>"))
        story.thread = 2
        story.begin(loop)
        story.thread = 1
        story.invocation(.error) {
            for _ in 0..<3 { $0.observe(.closeRefused, on: loop, at: line(9)) }
        }
        let findings = story.findings(rule)[0]
        #expect(findings.count == 1)
        #expect(findings.first?.message.contains("it ran in another thread") == true)
        #expect(findings.first?.advice.contains("loop.call_soon_threadsafe(loop.stop)") == true)
    }
}

@Suite("foreign-close")
struct ForeignCloseTests {
    private let rule = RuleBook([ForeignClose()])

    @Test("tells of the host's loop, and mildly where the host hides it")
    func host() throws {
        let findings = Life.hostsLoopClosed.story.findings(rule)
        #expect(findings.map { $0.map(\.severity) } == [[.warning], [.warning]])
        let finding = try #require(findings[0].first)
        #expect(finding.site?.line == 8)
        #expect(finding.message.hasPrefix("Invocation 0 (cold) closed at handler.py:8 loop 1, which is the host's."))
        #expect(finding.advice.hasPrefix("Take out the close at handler.py:8"))
    }

    @Test("tells of the host's loop being stopped under the handler, but not of a run that the handler began")
    func stop() {
        var story = Story(host: .perInvocation)
        story.invocation(.error) {
            $0.hosted { story, loop in
                story.begin(loop)
                story.stop(loop, at: line(6))
            }
        }
        story.invocation {
            $0.hosted { story, loop in
                story.stop(loop, at: line(7))
                story.begin(loop, at: line(8))
                story.stop(loop, at: line(9))
            }
        }
        #expect(story.findings(rule).map { $0.map(\.site?.line) } == [[6], []])
        #expect(story.findings(rule)[0].map(\.severity) == [.error])
    }

    @Test("tells of the loop that a library made for itself, unless the library closes it")
    func library() throws {
        let finding = try #require(Life.librarysLoopClosed.story.findings(rule)[0].first)
        #expect(finding.severity == .error)
        #expect(finding.message.contains("loop 1, which httpcore made for itself at handler.py:2"))
        #expect(Life.librarysLoopClosed.story.findings()[0].filter { $0.rule == "poisoned-slot" }.isEmpty)

        var own = Story()
        let made = CodeLine(file: LoopRulesTests.library.file, line: 3, function: "<module>")
        let loop = own.create(at: line(2, in: "<module>", via: made))
        own.invocation { $0.close(loop, at: line(9, via: LoopRulesTests.library)) }
        #expect(own.findings(rule)[0].isEmpty)
    }

    @Test("tells of a loop that a living thread holds, as the probe has seen it")
    func thread() throws {
        var story = Story()
        story.thread = 2
        let loop = story.create(at: line(4, in: "work"))
        story.run(loop, at: line(5, in: "work"))
        story.thread = 1
        story.invocation {
            $0.close(loop, at: line(12))
            $0.observe(.foreignEnd, on: loop, at: line(12), detail: "close")
        }
        let findings = story.findings(rule)[0]
        #expect(findings.map(\.site?.line) == [12])
        #expect(findings.first?.advice.contains("join it") == true)
    }

    @Test("is silent when who made a loop for a service thread closes it")
    func service() {
        var story = Story()
        let loop = story.create(at: line(4, in: "<module>"))
        story.thread = 2
        story.begin(loop)
        story.stop(loop, at: line(9))
        story.thread = 1
        story.invocation { $0.close(loop, at: line(11)) }
        #expect(story.findings(rule)[0].isEmpty)
    }
}

@Suite("closed-executor-reuse")
struct ClosedExecutorReuseTests {
    private let rule = RuleBook([ClosedExecutorReuse()])

    @Test("tells where the pool was made, shut down and used")
    func pool() throws {
        let finding = try #require(Life.shutPool.story.findings(rule)[1].first)
        #expect(finding.related.map { "\($0.role) \($0.line.line)" } == ["created 3", "closed 7", "used 8"])
        #expect(
            finding.message == """
                Invocation 1 gave work to a ThreadPoolExecutor at handler.py:8, but it was shut down at handler.py:7 in \
                invocation 0 (cold). It was made at handler.py:3 while the module was imported.
                """
        )
        #expect(finding.advice.hasPrefix("Make the pool in the invocation that uses it"))
    }

    @Test("tells of a loop's default executor, and of the end of Python")
    func others() throws {
        var story = Story()
        story.invocation {
            let loop = $0.create(at: line(4))
            $0.observe(.executorReused, .isDefaultExecutor, on: loop, at: line(6))
            $0.observe(.executorReused, .atInterpreterExit, at: line(7), detail: "x.ThreadPoolExecutor")
        }
        let findings = story.findings(rule)[0]
        #expect(findings.map(\.severity) == [.error, .warning])
        #expect(findings[0].message.contains("the default executor of loop 1"))
        #expect(findings[1].message.contains("the interpreter was ending"))
    }
}

@Suite("unclosed-asyncgen")
struct UnclosedAsyncgenTests {
    private let rule = RuleBook([UnclosedAsyncgen()])

    @Test("tells where the generator waits and where its loop was closed")
    func generator() throws {
        let finding = try #require(Life.openGenerator.story.findings(rule)[0].first)
        #expect(finding.severity == .warning)
        #expect(finding.site?.line == 5)
        #expect(finding.related.map { "\($0.role) \($0.line.line)" } == ["waited 5", "closed 16"])
        #expect(
            finding.message == """
                The asynchronous generator rows was left suspended at handler.py:5 when loop 1 was closed at \
                handler.py:16 in invocation 0 (cold). The rest of it, finally blocks and all, will never run.
                """
        )
    }
}
