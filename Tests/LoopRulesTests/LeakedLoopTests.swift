import LoopModel
import LoopRules
import Testing

@Suite("leaked-loop")
struct LeakedLoopTests {
    private let rule = RuleBook([LeakedLoop()])

    @Test("tells of loops that pile up, from the second invocation on, with the forecast")
    func growing() throws {
        let findings = Life.leak.story.findings(rule)
        #expect(findings.map(\.count) == [0, 1, 1])
        let finding = try #require(findings[2].first)
        #expect(finding.severity == .error)
        #expect(finding.site == CodeLine(file: "handler.py", line: 6, function: "handler"))
        #expect(finding.related.filter { $0.role == .created }.map(\.ordinal) == [0, 1, 2])
        #expect(
            finding.message == """
                Of the 3 loops created at handler.py:6, one in each of the invocations 0 to 2, none was closed. All are \
                still open and nothing has run them since. Together they hold 9 descriptors, 3 each. At this rate the process \
                runs out of its 1024 descriptors in invocation 338, unless the garbage collector comes before. The \
                invocation succeeded anyway.
                """
        )
        #expect(finding.advice.hasPrefix("Use asyncio.run(...) instead of the loop made at handler.py:6"))
    }

    @Test("forecasts for uvloop's five descriptors, which even the collector does not give back")
    func uvloop() throws {
        var story = Story(loop: .uvloop, descriptorLimit: 100, descriptorsAtReady: 20)
        for _ in 0..<2 {
            story.invocation { story in
                let loop = story.create(at: line(6), uvloop: true)
                story.collect(loop)
            }
        }
        let findings = story.findings(rule)
        #expect(findings.map { $0.map(\.severity) } == [[.warning], [.error]])
        #expect(
            findings[1].first?.message == """
                Of the 2 loops created at handler.py:6, one in each of the invocations 0 and 1, none was closed. The \
                garbage collector took them all, but a uvloop loop that was not closed keeps its descriptors even then. Together they hold 10 \
                descriptors, 5 each. At this rate the process runs out of its 100 descriptors in invocation 16. The \
                invocation succeeded anyway.
                """
        )
    }

    @Test("forecasts nothing while asyncio's loops are collected")
    func collected() throws {
        var story = Story()
        for _ in 0..<3 {
            story.invocation { story in
                let loop = story.create(at: line(6))
                story.collect(loop)
            }
        }
        let findings = story.findings(rule)
        #expect(findings.map { $0.map(\.severity) } == [[.warning], [.warning], [.warning]])
        #expect(
            findings[2].first?.message == """
                Of the 3 loops created at handler.py:6, one in each of the invocations 0 to 2, none was closed. The garbage \
                collector took them all, which gave the descriptors back. The invocation succeeded anyway.
                """
        )
    }

    @Test("says nothing of the future where the limit is not known")
    func unknownLimit() throws {
        var story = Story(descriptorLimit: 0, descriptorsAtReady: 0)
        for _ in 0..<2 {
            story.invocation { story in
                let loop = story.create(at: line(6))
                story.openAtEnd(loop)
                if loop.rawValue == 2 { story.openAtEnd(LoopSerial(rawValue: 1)) }
            }
        }
        #expect(story.findings(rule)[1].first?.message.contains("At this rate") == false)
    }

    @Test("tells of a single lost loop once, when two more invocations have left it idle")
    func single() throws {
        var story = Story()
        for ordinal in 0..<5 {
            story.invocation { story in
                let loop = ordinal == 0 ? story.create(at: line(6)) : LoopSerial(rawValue: 1)
                if ordinal == 0 { story.run(loop, at: line(7)) }
                story.openAtEnd(loop, ordinal == 0 ? .ranInInvocation : .unreachable)
            }
        }
        let findings = story.findings(rule)
        #expect(findings.map(\.count) == [0, 0, 1, 0, 0])
        #expect(findings[2].first?.severity == .warning)
        #expect(
            findings[2].first?.message == """
                Loop 1 was created at handler.py:6 in invocation 0 (cold) and never closed. It is still open and nothing has \
                run it since. It holds 3 descriptors. The invocation succeeded anyway.
                """
        )
    }

    @Test("does not wait for loops kept in a list: growth is enough")
    func hoarded() {
        var story = Story()
        for ordinal in 0..<3 {
            story.invocation { story in
                _ = story.create(at: line(6))
                for serial in 1...ordinal + 1 {
                    story.openAtEnd(
                        LoopSerial(rawValue: UInt32(serial)),
                        serial <= ordinal ? .heldByGlobal : .ranInInvocation
                    )
                }
            }
        }
        let findings = story.findings(rule)
        #expect(findings.map { $0.map(\.severity) } == [[], [.error], [.error]])
        #expect(findings[2].first?.message.contains("in invocation 338. The") == true)
    }

    @Test("tells of a service thread started by every invocation")
    func threads() throws {
        var story = Story()
        for ordinal in 0..<4 {
            story.invocation { story in
                let loop = story.create(at: line(12))
                story.thread = UInt32(ordinal + 2)
                story.begin(loop, at: line(13))
                story.thread = 1
                for serial in 1...ordinal + 1 {
                    story.openAtEnd(LoopSerial(rawValue: UInt32(serial)), [.runningNow, .ranInInvocation])
                }
            }
        }
        let findings = story.findings(rule)
        #expect(findings.map(\.count) == [0, 0, 1, 1])
        #expect(findings[2].first?.message.contains("All are still open and still running.") == true)
        #expect(findings[2].first?.advice.hasPrefix("Start the thread and its loop at handler.py:12 once") == true)
    }

    @Test("tells of a loop made in a thread of its own by every invocation and left in that thread's slot")
    func threadSlots() {
        var story = Story()
        for ordinal in 0..<3 {
            story.invocation { story in
                story.thread = UInt32(ordinal + 2)
                let loop = story.create(at: line(12))
                story.set(loop, at: line(13))
                story.run(loop, at: line(14))
                story.thread = 1
                for serial in 1...ordinal + 1 { story.openAtEnd(LoopSerial(rawValue: UInt32(serial))) }
            }
        }
        #expect(story.findings(rule).map(\.count) == [0, 1, 1])
    }

    @Test("names the library that leaks, and the user's line that called it")
    func libraries() throws {
        var story = Story()
        for ordinal in 0..<2 {
            story.invocation { story in
                _ = story.create(at: line(6, via: library))
                for serial in 1...ordinal + 1 { story.openAtEnd(LoopSerial(rawValue: UInt32(serial))) }
            }
        }
        let finding = try #require(story.findings(rule)[1].first)
        #expect(finding.related.contains { $0.role == .via && $0.line == library })
        #expect(finding.advice.hasPrefix("httpcore makes the loop."))
    }

    @Test("tells of two leaking lines apart")
    func twoLines() {
        var story = Story()
        for ordinal in 0..<2 {
            story.invocation { story in
                _ = story.create(at: line(6))
                _ = story.create(at: line(16))
                for serial in 1...2 * (ordinal + 1) { story.openAtEnd(LoopSerial(rawValue: UInt32(serial))) }
            }
        }
        #expect(story.findings(rule)[1].map(\.site?.line) == [6, 16])
    }

    @Test("does not blame loops that a timeout cut short")
    func timeout() {
        var story = Story()
        story.invocation { story in
            let loop = story.create(at: line(6))
            story.openAtEnd(loop)
        }
        story.invocation(.timeout) { _ = $0.create(at: line(6)) }
        story.shutdown()
        #expect(story.findings(rule).flatMap(\.self).isEmpty)
    }
}
