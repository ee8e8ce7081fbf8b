import LoopModel
import LoopRules
import Testing

@Suite("wrong-loop-object")
struct WrongLoopObjectTests {
    private let rule = RuleBook([WrongLoopObject()])

    @Test("names the object, where it was made and bound, and both loops")
    func queue() throws {
        let findings = Life.sharedQueue.story.findings(rule)
        #expect(findings.map(\.count) == [0, 1, 1])
        let finding = try #require(findings[2].first)
        #expect(finding.severity == .error)
        #expect(finding.site?.line == 8)
        #expect(finding.related.map { "\($0.role) \($0.line.line)" } == ["created 3", "bound 8", "used 8"])
        #expect(
            finding.message == """
                Invocation 2 used a Queue at handler.py:8 on loop 3, but it belongs to loop 1. It was made at \
                handler.py:3 while the module was imported, and became that loop's at handler.py:8 in invocation 0 \
                (cold), where it first had to wait. asyncio.run() created loop 1 at handler.py:12 in \
                invocation 0 (cold), and closed it when that run was over. The invocation succeeded anyway.
                """
        )
        #expect(finding.advice.hasPrefix("Make the Queue inside the coroutine that uses it, on the loop that runs it,"))
    }

    @Test("tells of a task which loop runs it, in another thread")
    func task() throws {
        let finding = try #require(Life.foreignTask.story.findings(rule)[0].first)
        #expect(finding.message.hasPrefix("Invocation 0 (cold) awaited a Task at handler.py:15 on loop 2, but it "))
        #expect(finding.message.contains("The task runs work of handler.py:7."))
        #expect(finding.advice.contains("asyncio.run_coroutine_threadsafe(...)"))
        #expect(finding.related.map { "\($0.role) \($0.line.line)" } == ["task 7", "used 15"])
    }

    @Test("names the library of a client that keeps a loop")
    func client() throws {
        let findings = Life.keptClient.story.findings(rule)
        let finding = try #require(findings[1].first)
        #expect(
            finding.message == """
                Invocation 1 used a Pool of httpcore at handler.py:9 (through httpcore/pool.py:57) on loop 2, but it \
                belongs to loop 1. The host created loop 1 for invocation 0 (cold), and closed it at that invocation's \
                end. The invocation succeeded anyway.
                """
        )
        #expect(finding.related.map { "\($0.role) \($0.line.line)" } == ["used 9", "via 57"])
        #expect(finding.advice.hasPrefix("Make the Pool of httpcore inside the handler"))
    }

    @Test("leaves to closed-loop-reuse what fails because the loop is closed, and tells each line once")
    func once() {
        var story = Story()
        story.invocation { $0.asyncioRun(at: line(9, via: runners)) }
        story.invocation {
            let loop = $0.create(at: line(9, via: runners), .byRunner)
            $0.use(LoopSerial(rawValue: 1), at: line(5))
            for number in [5, 6, 6] {
                $0.observe(.wrongLoop, on: loop, at: line(number), detail: "asyncio.locks.Lock", value: 1)
            }
        }
        #expect(story.findings(rule)[1].map(\.site?.line) == [6])
    }
}
