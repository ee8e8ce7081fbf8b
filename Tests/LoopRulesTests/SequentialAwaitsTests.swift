import LoopModel
import LoopRules
import Testing

@Suite("sequential-awaits")
struct SequentialAwaitsTests {
    @Test("is silent unless it is asked for by name or code")
    func onlyAsked() {
        let story = Life.awaitsInTurn.story
        #expect(story.findings().flatMap(\.self).isEmpty)
        for name in ["sequential-awaits", "LW502"] {
            #expect(story.findings(RuleBook(on: [name])).map(\.count) == [1, 0])
        }
        #expect(story.findings(RuleBook(off: ["LW502"], on: ["LW502"])).flatMap(\.self).isEmpty)
    }

    @Test("names both lines, and that nothing was observed")
    func told() throws {
        let finding = try #require(Life.awaitsInTurn.story.findings(RuleBook(on: ["LW502"]))[0].first)
        #expect(finding.severity == .info && finding.site?.line == 7 && finding.ordinal == 0)
        #expect(finding.related.map { "\($0.role) \($0.line.line)" } == ["waited 6", "waited 7"])
        #expect(finding.message.hasSuffix("This is read from the source, not observed."))
    }
}
