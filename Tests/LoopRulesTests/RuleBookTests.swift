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

    @Test(
        "asks only the rules that the events wake, and finds what all would find",
        arguments: Life.broken + Life.clean
    )
    func waking(_ life: Life) {
        for timeline in life.story.timelines() {
            var told: Set<String> = []
            let all = AllRules.list.flatMap { $0.findings(in: timeline) }
            let book = RuleBook(on: Set(AllRules.ids))
            #expect(book.findings(in: timeline) == all.filter { told.insert($0.fingerprint).inserted })
        }
    }

    @Test("does not ask a rule that nothing wakes")
    func asleep() {
        let timelines = Life.moduleLoop.story.timelines()
        let asked = RuleBook([Eager(wakingKinds: [.usedAfterClose])])
        #expect(
            timelines.map { asked.findings(in: $0).count }
                == timelines.map { timeline in
                    timeline.events.contains { $0.kind == .usedAfterClose } ? 1 : 0
                }
        )
        #expect(timelines.allSatisfy { RuleBook([Eager(wakingKinds: [])]).findings(in: $0).isEmpty })
    }

    @Test("keeps the order of the rules")
    func order() {
        let findings = Life.poisonedSlot.story.findings()
        #expect(findings.map { $0.map(\.rule) } == [["poisoned-slot"], ["closed-loop-reuse"], ["closed-loop-reuse"]])
    }
}

/// Finds something wherever it is asked.
private struct Eager: DetectionRule {
    let wakingKinds: EventKinds
    let id = "eager"
    let code = "LW199"
    let title = "Anything"
    let severity = Severity.warning
    let summary = "Whatever there is."
    let explanation = LeakedLoop().explanation

    func findings(in timeline: Timeline) -> [Finding] {
        [
            Finding(
                rule: id,
                code: code,
                severity: severity,
                function: timeline.environment.function,
                environment: timeline.environment.id,
                invocation: timeline.invocation?.id,
                ordinal: timeline.invocation?.ordinal,
                site: CodeLine(file: "handler.py", line: 1, function: "handler"),
                related: [],
                message: "It was there.",
                advice: "Nothing."
            )
        ]
    }
}
