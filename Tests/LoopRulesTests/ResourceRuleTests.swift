import LoopModel
import LoopRules
import Testing

@Suite("What is left behind: leaked-thread, leaked-subprocess, descriptor-growth, unclosed-resource")
struct LeftBehindTests {
    @Test("tells of threads where they start, where they wait and where it ends")
    func threads() throws {
        let findings = Life.leakedThread.story.findings(RuleBook([LeakedThread()]))
        #expect(findings.map(\.count) == [0, 0, 1, 1, 1, 1])
        let finding = try #require(findings[2].first)
        #expect(finding.severity == .warning && findings[5].first?.severity == .error)
        #expect(finding.site?.line == 19)
        #expect(
            finding.related.map { "\($0.role) \($0.line.line)" } == [
                "started 19", "started 19", "started 19", "waited 12",
            ]
        )
        #expect(
            finding.message == """
                Daemon threads (report) started at handler.py:19 in the invocations 0, 1 and 2 have never ended. \
                3 threads of them are alive and wait, at handler.py:12 for one. At this rate the process has 1024 \
                threads, as many as AWS Lambda allows, in invocation 1024. The invocation succeeded anyway.
                """
        )
    }

    @Test("names a pool by the line that made it")
    func pools() throws {
        let finding = try #require(Life.leakedPool.story.findings(RuleBook([LeakedThread()]))[2].first)
        #expect(finding.message.hasPrefix("Pools (ThreadPoolExecutor) made at handler.py:9 in the invocations 0, 1 "))
        #expect(finding.advice.hasPrefix("Use the ThreadPoolExecutor at handler.py:9 in a with statement"))
    }

    @Test("leaves the default executors of leaked loops to leaked-loop")
    func executorsOfLeakedLoops() {
        let via = CodeLine(file: "/usr/lib/python3.11/asyncio/base_events.py", line: 800, function: "run_in_executor")
        var story = Story()
        var left: [LoopSerial] = []
        for ordinal in 0..<4 {
            story.invocation {
                let loop = $0.create(at: line(6))
                $0.run(loop, at: line(8))
                left.append(loop)
                for each in left { $0.openAtEnd(each, each == loop ? .ranInInvocation : []) }
                if ordinal > 1 {
                    $0.leave(
                        .threadLeft,
                        .ofExecutor,
                        of: "ThreadPoolExecutor",
                        at: line(12, via: via),
                        since: Array(0...ordinal),
                        value: Int64(ordinal + 1)
                    )
                }
            }
        }
        #expect(Set(story.findings().flatMap(\.self).map(\.rule)) == ["leaked-loop"])
    }

    @Test("tells of children that run on, and of one whose loop is gone at once")
    func children() throws {
        let findings = Life.leakedChild.story.findings(RuleBook([LeakedSubprocess()]))
        #expect(findings.map(\.count) == [0, 1, 1])
        #expect(findings.map { $0.first?.severity } == [nil, .warning, .error])
        #expect(
            findings[1].first?.message == """
                The process sleep, started at handler.py:7 in the invocations 0 and 1, was still running when the invocation ended. \
                The invocation succeeded anyway.
                """
        )
        let orphan = try #require(Life.orphan.story.findings(RuleBook([LeakedSubprocess()]))[0].first)
        #expect(orphan.message.contains("on loop 1, was still running when that loop was closed"))
    }

    @Test("forecasts the invocation in which the descriptors run out")
    func growth() throws {
        let findings = Life.growth.story.findings(RuleBook([DescriptorGrowth()]))
        #expect(findings.map(\.count) == [0, 0, 0, 0, 1, 1])
        #expect(
            findings[4].first?.message == """
                The number of open descriptors has gone on rising since invocation 1: there are 16, 8 more than when the \
                handler was loaded. Most of them are files, opened at handler.py:9. At this rate the process runs out \
                of its 1024 descriptors in invocation 635. The invocation succeeded anyway.
                """
        )
    }

    @Test("leaves growth to leaked-loop where leaked loops explain it")
    func growthOfLoops() {
        var story = Story()
        var left: [LoopSerial] = []
        for ordinal in 0..<6 {
            story.invocation {
                let loop = $0.create(at: line(6))
                $0.run(loop, at: line(8))
                left.append(loop)
                for each in left { $0.openAtEnd(each, each == loop ? .ranInInvocation : []) }
                if ordinal > 3 { $0.grow(to: Int64(8 + 3 * (ordinal + 1)), .lineIsHandlers, at: line(4), since: 1) }
            }
        }
        #expect(Set(story.findings().flatMap(\.self).map(\.rule)) == ["leaked-loop"])
    }

    @Test("tells of a connection once for each line and invocation, with the library")
    func unclosed() throws {
        let findings = Life.unclosed.story.findings(RuleBook([UnclosedResource()]))
        #expect(findings.map(\.count) == [1, 1])
        let finding = try #require(findings[0].first)
        #expect(finding.message.hasPrefix("A connection made at handler.py:6 (through httpcore/pool.py:57) in invo"))
        #expect(
            finding.advice == "Close the object of httpcore that makes it before the loop ends, best with async with."
        )
    }
}

@Suite("Threads and signals: cross-thread-call, signal-off-main, windows-unsafe")
struct WrongThreadTests {
    @Test("a call from another thread is told once, by what was called first")
    func crossing() throws {
        let findings = Life.crossThread.story.findings(RuleBook([CrossThreadCall()]))[0]
        #expect(findings.count == 1)
        #expect(
            findings.first?.message == """
                Invocation 0 (cold) called set_result() at handler.py:8 in the thread worker-2, while loop 1 was running \
                in another, since handler.py:14. That does not wake the loop up, and changes what it is working on. The \
                invocation succeeded anyway.
                """
        )
    }

    @Test("stop() from another thread is seen without deep mode")
    func stop() throws {
        let finding = try #require(Life.stopFromThread.story.findings(RuleBook([CrossThreadCall()]))[0].first)
        #expect(finding.site?.line == 9 && finding.advice == "Call loop.call_soon_threadsafe(loop.stop).")
    }

    @Test("a refused signal handler is told of user code, of a library only when the invocation failed")
    func signals() throws {
        let rule = RuleBook([SignalOffMain()])
        #expect(Life.signalInThread.story.findings(rule)[0].count == 1)
        var story = Story()
        story.invocation(.error) {
            $0.thread = 2
            $0.observe(.signalOffMain, at: line(6, via: library), detail: "signal.signal()")
            $0.thread = 1
        }
        #expect(story.findings(rule)[0].count == 1)
    }

    @Test("what Windows has not is only good to know")
    func windows() { #expect(Life.windows.story.findings().flatMap(\.self).map(\.severity) == [.info]) }
}
