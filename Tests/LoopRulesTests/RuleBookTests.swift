import LoopModel
import LoopRules
import Testing

@Suite("The rule book")
struct RuleBookTests {
    @Test(
        "finds a rule by its name or its code, in any case",
        arguments: ["leaked-loop", "LW202", "lw202", "Leaked-Loop"]
    )
    func names(_ name: String) throws {
        #expect(try RuleBook().rule(named: name).id == "leaked-loop")
    }

    @Test(
        "suggests the rule that was probably meant",
        arguments: [
            ("leaked-lop", "leaked-loop"), ("closed-loop", "closed-loop-reuse"), ("poisoned", "poisoned-slot"),
            ("module-loop", "module-scope-loop"), ("closedloopreuse", "closed-loop-reuse"),
        ]
    )
    func suggestions(_ name: String, _ meant: String) {
        #expect(throws: RuleFailure.unknownRule(name, nearest: meant, known: AllRules.ids)) {
            try RuleBook().rule(named: name)
        }
    }

    @Test("lists the rules when none is near")
    func noSuggestion() throws {
        let failure = try #require(throws: RuleFailure.self) { try RuleBook().rule(named: "x") }
        #expect(failure.description == "no rule is called \"x\"")
        #expect(failure.hint.contains("closed-loop-reuse, leaked-loop"))
    }

    @Test("does not judge by a rule that is switched off, by name or code, but still explains it")
    func switchedOff() throws {
        let all = Life.moduleLoop.story.findings().flatMap(\.self)
        #expect(Set(all.map(\.rule)) == ["module-scope-loop", "closed-loop-reuse"])
        let book = RuleBook(off: ["closed-loop-reuse", "LW204"])
        #expect(Life.moduleLoop.story.findings(book).flatMap(\.self).isEmpty)
        #expect(try book.rule(named: "closed-loop-reuse").code == "LW201")
    }

    @Test("tells findings of one fingerprint once in an invocation")
    func deduplicated() {
        var story = Story()
        let first = story.create(at: line(1, in: "<module>")), second = story.create(at: line(2, in: "<module>"))
        story.invocation { story in
            story.close(first, at: line(5))
            story.close(second, at: line(6))
        }
        story.invocation { story in
            story.use(first, at: line(9))
            story.use(second, at: line(9))
        }
        #expect(story.timelines().map { ClosedLoopReuse().findings(in: $0).count } == [0, 2])
        #expect(story.findings().map { $0.count { $0.rule == "closed-loop-reuse" } } == [0, 1])
    }

    @Test("keeps the order of the rules")
    func order() {
        let findings = Life.poisonedSlot.story.findings()
        #expect(findings.map { $0.map(\.rule) } == [["poisoned-slot"], ["closed-loop-reuse"], ["closed-loop-reuse"]])
    }
}
