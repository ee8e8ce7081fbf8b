import LoopModel
import LoopRules
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What every rule owes, whoever wrote it.
@Suite("Every rule")
struct RuleContractTests {
    /// Names and codes that were released; one may be added here, none changed.
    static let released = [
        "LW101": "nested-run",
        "LW102": "no-current-loop",
        "LW103": "no-running-loop",
        "LW104": "deadlock",
        "LW201": "closed-loop-reuse",
        "LW202": "leaked-loop",
        "LW203": "poisoned-slot",
        "LW204": "module-scope-loop",
        "LW205": "close-running-loop",
        "LW206": "foreign-close",
        "LW207": "closed-executor-reuse",
        "LW208": "unclosed-asyncgen",
        "LW301": "wrong-loop-object",
        "LW401": "pending-task",
        "LW402": "fire-and-forget",
        "LW403": "never-awaited",
        "LW404": "unretrieved-exception",
        "LW405": "swallowed-cancel",
        "LW406": "escaped-exit",
        "LW407": "missing-timeout",
        "LW408": "cancel-scope-misuse",
        "LW409": "reused-coroutine",
        "LW410": "stalled-task",
        "LW501": "blocking-call",
        "LW502": "sequential-awaits",
        "LW601": "cross-thread-call",
        "LW602": "leaked-thread",
        "LW603": "leaked-subprocess",
        "LW604": "unclosed-resource",
        "LW605": "descriptor-growth",
        "LW701": "deprecated-api",
        "LW702": "nest-asyncio",
        "LW703": "windows-unsafe",
        "LW704": "signal-off-main",
        "LW705": "async-cm-misuse",
    ]

    @Test("has a name and a code of its own, and keeps them")
    func stableNames() {
        let rules = AllRules.list
        #expect(Set(rules.map(\.id)).count == rules.count)
        #expect(Dictionary(rules.map { ($0.code, $0.id) }, uniquingKeysWith: { first, _ in first }) == Self.released)
    }

    @Test("is named in kebab-case and coded with LW and three digits", arguments: AllRules.ids)
    func wellFormedNames(_ id: String) throws {
        let rule = try RuleBook().rule(named: id)
        #expect(rule.id.wholeMatch(of: /[a-z]+(-[a-z]+)*/) != nil)
        #expect(rule.code.wholeMatch(of: /LW[1-7][0-9]{2}/) != nil)
    }

    @Test("explains itself", arguments: AllRules.ids)
    func explanations(_ id: String) throws {
        let rule = try RuleBook().rule(named: id)
        let explanation = rule.explanation
        for prose in [explanation.cause, explanation.whyOnlyWarm, rule.summary] {
            #expect(prose.count > 20 && prose.hasSuffix(".") && !prose.contains("\n"))
        }
        #expect(rule.summary.count <= 150)
        #expect(!rule.title.isEmpty && !rule.title.hasSuffix("."))
        #expect(explanation.broken.contains("def handler(event, context):"))
        #expect(explanation.fixed.contains("def handler(event, context):"))
        #expect(explanation.broken != explanation.fixed)
        #expect(!explanation.seeAlso.isEmpty)
        for name in explanation.seeAlso where !name.hasPrefix("https://") {
            #expect(AllRules.ids.contains(name) && name != id)
        }
        #expect(rule.explanationText.split(separator: "\n").allSatisfy { $0.count <= 100 })
    }

    @Test("gives examples that are Python, and the fixed one works cold and warm", .enabled(if: Python.isThere))
    func examples() {
        for rule in AllRules.list {
            #expect(Python.compiles(rule.explanation.broken), "\(rule.id): broken")
            #expect(Python.works(rule.explanation.fixed), "\(rule.id): fixed")
        }
        #expect(!Python.compiles("def handler(:"), "the check itself sees what is wrong")
        #expect(!Python.works("def handler(event, context): raise ValueError"))
    }

    @Test("is silent on an empty timeline", arguments: AllRules.ids)
    func silentOnNothing(_ id: String) throws {
        let rule = try RuleBook().rule(named: id)
        let story = Story()
        let empty = Timeline(environment: story.environment, invocation: nil, before: Ledger(), events: [])
        #expect(rule.findings(in: empty).isEmpty)
    }

    @Test("finds nothing where none of the events is there that wake it", arguments: AllRules.ids)
    func wakingKinds(_ id: String) throws {
        let rule = try RuleBook().rule(named: id)
        for life in Life.broken + Life.clean {
            for timeline in life.story.timelines() {
                let asleep = Timeline(
                    environment: timeline.environment,
                    invocation: timeline.invocation,
                    earlier: timeline.earlier,
                    before: timeline.before,
                    events: timeline.events.filter { !rule.wakingKinds.contains($0.kind) }
                )
                #expect(rule.findings(in: asleep).isEmpty, "\(life.name)")
            }
        }
    }

    @Test("is silent on what is right", arguments: Life.clean)
    func silentOnClean(_ life: Life) {
        #expect(life.story.findings().flatMap(\.self) == [])
    }

    @Test("is woken by at least one broken life", arguments: AllRules.ids)
    func notVacuous(_ id: String) throws {
        let rule = try RuleBook().rule(named: id)
        #expect(Life.broken.contains { life in life.story.timelines().contains { !rule.findings(in: $0).isEmpty } })
    }

    @Test("gives the same findings in the same order every time", arguments: Life.broken)
    func deterministic(_ life: Life) {
        let first = life.story.findings()
        for _ in 0..<20 { #expect(life.story.findings() == first) }
    }

    @Test("says where, what and how to mend it", arguments: Life.broken)
    func complete(_ life: Life) throws {
        for finding in life.story.findings().flatMap(\.self) {
            let rule = try RuleBook().rule(named: finding.rule)
            #expect(finding.code == rule.code)
            #expect(finding.site != nil)
            #expect(!finding.related.isEmpty)
            #expect(finding.invocation != nil && finding.ordinal != nil)
            for prose in [finding.message, finding.advice] {
                #expect(prose.hasSuffix(".") && !prose.contains("  ") && !prose.contains(" ."), "\(prose)")
                #expect(prose.first?.isUppercase == true, "\(prose)")
            }
        }
    }

    @Test("finds in a replay what it found live", arguments: Life.broken + Life.clean)
    func replay(_ life: Life) {
        let live = life.story.timelines(), replayed = life.story.timelines(isReplayed: true)
        for (left, right) in zip(live, replayed) {
            #expect(left.before == right.before)
            #expect(left.after == right.after)
            #expect(RuleBook().findings(in: left) == RuleBook().findings(in: right))
        }
    }
}

/// The interpreter that examples are tried with.
private enum Python {
    static let isThere = system("python3 -c 0 2>/dev/null") == 0

    static func compiles(_ source: String) -> Bool { run("compile(s, 'example', 'exec')", source) }

    static func works(_ source: String) -> Bool {
        run("n = {}; exec(s, n); [n['handler']({}, None) for _ in range(3)]", source)
    }

    private static func run(_ program: String, _ source: String) -> Bool {
        guard let pipe = popen("python3 -W error -c \"import sys; s = sys.stdin.read(); \(program)\" 2>/dev/null", "w")
        else {
            return false
        }
        fputs(source, pipe)
        return pclose(pipe) == 0
    }
}
