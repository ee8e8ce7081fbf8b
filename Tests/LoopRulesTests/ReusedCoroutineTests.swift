import LoopModel
import LoopRules
import Testing

@Suite("reused-coroutine")
struct ReusedCoroutineTests {
    private let rule = RuleBook([ReusedCoroutine()])

    @Test("tells once per line and invocation, with the function whose coroutine was kept")
    func told() throws {
        let findings = Life.reusedCoroutine.story.findings(rule)
        #expect(findings.map { $0.map(\.severity) } == [[], [.error], [.warning]])
        let finding = try #require(findings[1].first)
        #expect(finding.site?.line == 9)
        #expect(finding.related.map { "\($0.role) \($0.line.line)" } == ["defined 4", "used 9"])
        #expect(
            finding.message == """
                Invocation 1 awaited a coroutine of settings() at handler.py:9 that had been awaited or closed before. A \
                coroutine runs once, and this one was kept.
                """
        )
        #expect(finding.advice.hasPrefix("Call settings() anew for each await"))
        let swallowed = try #require(findings[2].first)
        #expect(swallowed.message.hasSuffix("The error was swallowed. The invocation succeeded anyway."))
        #expect(swallowed.advice.hasPrefix("Call the async function anew"))
    }
}

extension Life {
    static let reusedCoroutine = Life("a coroutine that a cache keeps") { story in
        story.invocation { _ in }
        story.invocation(.error) {
            let defined = RelatedSite.Role(rawValue: "defined")
            for flags in [[], LoopEvent.Flags.hasEscaped] {
                $0.observe(
                    .coroutineReused,
                    flags,
                    at: line(9),
                    detail: "settings",
                    related: [(defined, 1, line(4, in: "settings"))]
                )
            }
        }
        story.invocation { $0.observe(.coroutineReused, at: line(11)) }
    }
}
