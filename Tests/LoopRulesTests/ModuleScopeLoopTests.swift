import LoopModel
import LoopRules
import Testing

@Suite("module-scope-loop")
struct ModuleScopeLoopTests {
    private let rule = RuleBook([ModuleScopeLoop()])

    @Test("is an error at the end of the cold invocation that closed the loop, and is told once")
    func closed() throws {
        let findings = Life.moduleLoop.story.findings(rule)
        #expect(findings.map(\.count) == [1, 0, 0])
        let finding = try #require(findings[0].first)
        #expect(finding.severity == .error)
        #expect(finding.site == CodeLine(file: "handler.py", line: 4, function: "<module>"))
        #expect(
            finding.related.map { "\($0.role) \($0.line.line) \($0.ordinal ?? -1)" } == [
                "created 4 -1", "ran 9 0", "closed 11 0",
            ]
        )
        #expect(
            finding.message == """
                Loop 1 was created at handler.py:4 while the module was imported, and was closed at handler.py:11 in \
                invocation 0 (cold). The module is imported only once in an environment, so every warm start will meet it \
                closed. The invocation succeeded anyway.
                """
        )
    }

    @Test("warns once of a loop that is used and left open, and once more when it is closed")
    func openThenClosed() {
        var story = Story()
        let loop = story.create(at: line(4, in: "<module>"), .implicit)
        story.set(loop, at: line(4, in: "<module>"), .implicit)
        for ordinal in 0..<4 {
            story.invocation { story in
                story.run(loop, at: line(9))
                if ordinal == 2 { story.close(loop, at: line(11)) }
            }
        }
        let findings = story.findings(rule)
        #expect(findings.map { $0.map(\.severity) } == [[.warning], [], [.error], []])
        #expect(
            findings[0].first?.message == """
                get_event_loop() created loop 1 at handler.py:4 while the module was imported, and is still open. It ran at \
                handler.py:9 in invocation 0 (cold). All invocations of the environment share it: the first that closes it \
                takes it from every later one, and what is bound to it outlives the answer.
                """
        )
    }

    @Test("knows a module that the handler imports late")
    func lateImport() {
        var story = Story()
        story.invocation { story in
            let loop = story.create(at: line(4, in: "<module>"))
            story.run(loop, at: line(9))
            story.close(loop, at: line(11))
        }
        #expect(story.findings(rule)[0].map(\.severity) == [.error])
    }

    @Test("warns of a loop that was made at import for the import's own sake and lost")
    func lost() {
        var story = Story(host: .perInvocation)
        let loop = story.create(at: line(4, in: "<module>"), .implicit)
        story.set(loop, at: line(4, in: "<module>"), .implicit)
        story.run(loop, at: line(4, in: "<module>"))
        story.invocation { $0.hosted { story, _ in story.collect(loop) } }
        let findings = story.findings()[0]
        #expect(findings.map(\.rule) == ["module-scope-loop"])
        #expect(findings.map(\.severity) == [.warning])
    }

    @Test("is an error when a library's loop of the import is closed")
    func librarys() {
        var story = Story()
        let loop = story.create(at: line(2, in: "<module>", via: library), .implicit)
        story.invocation { $0.close(loop, at: line(9)) }
        #expect(story.findings(rule)[0].map(\.severity) == [.error])
    }

    @Test("waits until a loop has run or was made current")
    func unused() {
        var story = Story()
        let loop = story.create(at: line(4, in: "<module>"))
        story.invocation { $0.openAtEnd(loop) }
        story.invocation { story in
            story.run(loop, at: line(9))
            story.openAtEnd(loop, .ranInInvocation)
        }
        #expect(story.findings(rule).map(\.count) == [0, 1])
    }
}
