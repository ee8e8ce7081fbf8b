import LoopModel
import LoopRules
import Testing

@Suite("closed-loop-reuse")
struct ClosedLoopReuseTests {
    private let rule = RuleBook([ClosedLoopReuse()])

    @Test("tells the case from which the project was born")
    func moduleLoop() throws {
        let findings = Life.moduleLoop.story.findings(rule)
        #expect(findings.map(\.count) == [0, 1, 1])
        let finding = try #require(findings[1].first)
        #expect(finding.severity == .error)
        #expect(finding.ordinal == 1)
        #expect(finding.invocation?.rawValue == "00000000-0000-4000-8000-000000000001")
        #expect(finding.site == CodeLine(file: "handler.py", line: 9, function: "handler"))
        #expect(
            finding.related.map { "\($0.role) \($0.line) \($0.ordinal ?? -1)" } == [
                "created handler.py:4 -1", "closed handler.py:11 0", "used handler.py:9 1",
            ]
        )
        #expect(
            finding.message == """
                Invocation 1 called run_until_complete() on loop 1 at handler.py:9, but the loop was closed at \
                handler.py:11 in invocation 0 (cold). It was created at handler.py:4 while the module was imported, so \
                every warm start meets the closed loop.
                """
        )
        #expect(
            finding.advice == """
                Create the loop inside the handler, with asyncio.run(...), rather than at handler.py:4, and take out the close \
                at handler.py:11. To keep one loop for the environment's life, never close it.
                """
        )
        #expect(findings[2].first?.message.hasSuffix("The invocation succeeded anyway.") == true)
        #expect(findings[2].first?.fingerprint == finding.fingerprint)
    }

    @Test("makes one finding for each loop and line in an invocation, with all its calls")
    func grouped() throws {
        var story = Story()
        let loop = story.create(at: line(4, in: "<module>"))
        story.invocation { $0.close(loop, at: line(11)) }
        story.invocation { story in
            for _ in 0..<3 { story.use(loop, "call_soon", at: line(20)) }
            story.use(loop, "call_later", at: line(20))
            story.use(loop, "call_later", at: line(21))
        }
        let findings = story.findings(rule)[1]
        #expect(findings.map(\.site?.line) == [20, 21])
        #expect(
            findings[0].message.hasPrefix(
                "Invocation 1 called call_soon() and call_later() on loop 1 4 times at handler.py:20,"
            )
        )
        #expect(findings[1].message.hasPrefix("Invocation 1 called call_later() on loop 1 at handler.py:21,"))
    }

    @Test("sees a use in the same invocation")
    func sameInvocation() throws {
        var story = Story()
        story.invocation { story in
            let loop = story.create(at: line(5))
            story.close(loop, at: line(7))
            story.use(loop, "run_until_complete", at: line(8))
        }
        let finding = try #require(story.findings(rule)[0].first)
        #expect(
            finding.message == """
                Invocation 0 (cold) called run_until_complete() on loop 1 at handler.py:8, but the loop was closed at \
                handler.py:7 in the same invocation. It was created at handler.py:5 in invocation 0 (cold). The invocation \
                succeeded anyway.
                """
        )
        #expect(finding.advice.hasPrefix("Use the loop before it is closed at handler.py:7"))
    }

    @Test("sees a client that keeps the host's loop of an earlier invocation, through a library")
    func hostsLoop() throws {
        var story = Story(host: .perInvocation)
        story.invocation { $0.hosted { $0.run($1) } }
        story.invocation {
            $0.hosted { story, _ in
                story.use(LoopSerial(rawValue: 1), "call_later", at: line(17, in: "ask", via: library))
            }
        }
        let finding = try #require(story.findings(rule)[1].first)
        #expect(
            finding.message == """
                Invocation 1 called call_later() on loop 1 at handler.py:17 (through httpcore/pool.py:57), but the host \
                had closed the loop at the end of invocation 0 (cold): it gives each invocation a fresh one. The \
                invocation succeeded anyway.
                """
        )
        #expect(finding.related.map(\.role) == [.used, .via])
        #expect(
            finding.advice.hasPrefix(
                "A client or connection (in the end one of httpcore) that was made on the closed loop is kept and used again at handler.py:17."
            )
        )
    }

    @Test("sees an object that outlives asyncio.run")
    func runnersLoop() throws {
        var story = Story()
        story.invocation { $0.asyncioRun(at: line(8, via: runners)) }
        story.invocation(.error) { $0.use(LoopSerial(rawValue: 1), at: line(15, in: "ask")) }
        let finding = try #require(story.findings(rule)[1].first)
        #expect(
            finding.message == """
                Invocation 1 called call_soon() on loop 1 at handler.py:15, but the loop had been closed at handler.py:8 in \
                invocation 0 (cold), when the run that it was made for was over. asyncio.run() created it at handler.py:8 \
                in invocation 0 (cold).
                """
        )
    }

    @Test("lets a library find out by trying, as asgiref does in every async_to_sync after the first")
    func trials() {
        let asgiref = CodeLine(
            file: "/opt/venv/lib/python3.11/site-packages/asgiref/sync.py",
            line: 334,
            function: "AsyncToSync.__call__"
        )
        func life(_ outcome: Outcome, _ method: String, via library: CodeLine?) -> [Finding] {
            var story = Story()
            story.invocation { story in
                let loop = story.create(at: line(5))
                story.close(loop, at: line(6))
            }
            story.invocation(outcome) { $0.use(LoopSerial(rawValue: 1), method, at: line(9, via: library)) }
            return story.findings(rule)[1]
        }
        #expect(life(.ok, "call_soon_threadsafe", via: asgiref).isEmpty)
        #expect(life(.error, "call_soon_threadsafe", via: asgiref).isEmpty)
        #expect(life(.ok, "call_soon_threadsafe", via: library).isEmpty)
        #expect(life(.error, "call_soon_threadsafe", via: library).count == 1)
        #expect(life(.ok, "call_soon_threadsafe", via: runners).count == 1, "the standard library is no excuse")
        #expect(life(.ok, "call_soon_threadsafe", via: nil).count == 1)
        #expect(life(.ok, "call_soon", via: asgiref).count == 1)
    }

    @Test("speaks of uses between invocations, at shutdown and while the handler is loaded")
    func outsideInvocations() throws {
        var story = Story()
        let early = story.create(at: line(1, in: "<module>"))
        story.close(early, at: line(2, in: "<module>"))
        story.use(early, at: line(3, in: "<module>"))
        let loop = story.create(at: line(4, in: "<module>"))
        story.invocation { $0.close(loop, at: line(11)) }
        story.thread = 2
        story.use(loop, "call_soon_threadsafe", at: line(30, in: "work"))
        story.thread = 1
        story.invocation { _ in }
        story.shutdown { $0.use(loop, at: line(40, in: "goodbye")) }
        let findings = story.findings(rule)
        #expect(findings.map { $0.map(\.ordinal) } == [[0], [0], [1]])
        #expect(
            findings[0].first?.message.hasPrefix(
                "Loading the handler called call_soon() on loop 1 at handler.py:3, but the loop was closed at handler.py:2 while the module was imported."
            ) == true
        )
        #expect(
            findings[1].first?.message.hasPrefix(
                "What invocation 0 (cold) left running called call_soon_threadsafe() on loop 2 at handler.py:30 in thread worker-2, but"
            ) == true
        )
        #expect(findings[1].first?.invocation?.rawValue.hasSuffix("0") == true)
        #expect(
            findings[2].first?.message.hasPrefix(
                "The environment's shutdown called call_soon() on loop 2 at handler.py:40, but"
            ) == true
        )
    }

    @Test("blames the line that closed the loop for a finalizer's use, not the line that was interrupted")
    func finalizers() throws {
        let finalizer = CodeLine(
            file: "/usr/lib/python3.11/asyncio/base_subprocess.py",
            line: 126,
            function: "BaseSubprocessTransport.__del__"
        )
        var story = Story()
        story.invocation { story in
            let loop = story.create(at: line(5))
            story.close(loop, at: line(7))
        }
        story.invocation { $0.use(LoopSerial(rawValue: 1), at: line(50, in: "unrelated", via: finalizer)) }
        let finding = try #require(story.findings(rule)[1].first)
        #expect(finding.site?.line == 7)
        #expect(
            finding.message.hasPrefix(
                "A finalizer (asyncio/base_subprocess.py:126 in BaseSubprocessTransport.__del__) called call_soon() on loop 1 in invocation 1, but the loop was closed at handler.py:7 in invocation 0 (cold)."
            )
        )
        #expect(finding.advice.hasPrefix("An object that belongs to the loop was left to the garbage collector."))
    }

    @Test("falls back to the user's closing line when only machinery used the loop")
    func noUserLine() throws {
        var story = Story()
        story.invocation { story in
            let loop = story.create(at: line(5))
            story.close(loop, at: line(7))
            story.thread = 2
            story.use(loop, "call_soon_threadsafe")
            story.thread = 1
        }
        let finding = try #require(story.findings(rule)[0].first)
        #expect(finding.site?.line == 7)
        #expect(finding.advice.hasPrefix("Wait for the work of other threads"))
    }

    @Test("still speaks when the loop was forgotten long ago, and remembers one that was made at import")
    func forgotten() throws {
        var story = Story()
        let kept = story.create(at: line(4, in: "<module>"))
        story.invocation { story in
            let loop = story.create(at: line(5))
            story.close(loop, at: line(6))
            story.close(kept, at: line(7))
            for _ in 0...Ledger.closedLoopsKept { story.asyncioRun(at: line(8, via: runners)) }
        }
        story.invocation { story in
            story.use(kept, at: line(9))
            story.use(LoopSerial(rawValue: 2), at: line(10))
        }
        let findings = story.findings(rule)[1]
        #expect(findings[0].message.contains("closed at handler.py:7"))
        #expect(
            findings[1].message.hasPrefix(
                "Invocation 1 called call_soon() on loop 2 at handler.py:10, but the loop had been closed long before."
            )
        )
    }
}
