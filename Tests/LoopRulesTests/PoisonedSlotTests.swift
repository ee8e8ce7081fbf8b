import LoopModel
import LoopRules
import Testing

@Suite("poisoned-slot")
struct PoisonedSlotTests {
    private let rule = RuleBook([PoisonedSlot()])

    @Test("tells once of a loop that get_event_loop() made and the invocation closed")
    func implicit() throws {
        let findings = Life.poisonedSlot.story.findings(rule)
        #expect(findings.map(\.count) == [1, 0, 0])
        let finding = try #require(findings[0].first)
        #expect(finding.severity == .error)
        #expect(finding.site?.line == 9)
        #expect(finding.related.map { "\($0.role) \($0.line.line)" } == ["created 5", "set 5", "closed 9"])
        #expect(
            finding.message == """
                Invocation 0 (cold) closed loop 1 at handler.py:9 and left it in the current-loop slot of the handler's \
                thread, where get_event_loop() had put it at handler.py:5. Invocation 1 gets the closed loop from \
                get_event_loop(), and will fail with "Event loop is closed".
                """
        )
        #expect(finding.advice.contains("asyncio.set_event_loop(None) beside the close at handler.py:9"))
    }

    @Test("is an error for a loop set at import or in an earlier invocation")
    func kept() throws {
        var atImport = Story()
        let loop = atImport.create(at: line(3, in: "<module>"))
        atImport.set(loop, at: line(4, in: "<module>"))
        atImport.invocation { story in
            story.close(loop, at: line(9))
            story.slotLeftClosed(loop)
        }
        #expect(atImport.findings(rule)[0].map(\.severity) == [.error])

        var later = Story()
        later.invocation { story in
            let loop = story.create(at: line(6))
            story.set(loop, at: line(7))
        }
        later.invocation { story in
            story.close(LoopSerial(rawValue: 1), at: line(9))
            story.slotLeftClosed(LoopSerial(rawValue: 1))
        }
        let finding = try #require(later.findings(rule)[1].first)
        #expect(finding.severity == .error)
        #expect(finding.message.contains("where set_event_loop() had put it at handler.py:7 in invocation 0 (cold)."))
    }

    @Test("is an error for an imported loop that every invocation sets anew")
    func setAgain() {
        var story = Story()
        let loop = story.create(at: line(3, in: "<module>"))
        story.invocation { story in
            story.set(loop, at: line(7))
            story.close(loop, at: line(9))
            story.slotLeftClosed(loop)
        }
        #expect(story.findings(rule)[0].map(\.severity) == [.error])
    }

    @Test(
        "is silent on an invocation's own loop, which the next replaces before it asks",
        arguments: [HostProfile.bare, .perInvocation]
    )
    func own(_ host: HostProfile) {
        #expect(ownLoops(host).findings(rule) == [[], [], []])
    }

    @Test("warns of an invocation's own loop where somebody asks", arguments: [HostProfile.bare, .perInvocation])
    func ownAndAsked(_ host: HostProfile) throws {
        let findings = ownLoops(host) { $0.observe(.noCurrentLoop, at: line(3)) }.findings(rule)
        #expect(findings.map { $0.map(\.severity) } == [[.warning], [.warning], [.warning]])
        #expect(
            findings[0].first?.message.hasSuffix(
                host == .bare
                    ? "Any get_event_loop() before the next set_event_loop(), in a library too, returns the closed loop."
                    : "any get_event_loop() before the next set_event_loop() returns the closed loop."
            ) == true
        )
    }

    private func ownLoops(_ host: HostProfile, before: (inout Story) -> Void = { _ in }) -> Story {
        var story = Story(host: host)
        for _ in 0..<3 {
            story.invocation { story in
                before(&story)
                let loop = story.create(at: line(5))
                story.set(loop, at: line(6))
                story.run(loop, at: line(7))
                story.close(loop, at: line(9))
                story.slotLeftClosed(loop)
            }
        }
        return story
    }

    @Test("warns when somebody got the closed loop before it was replaced")
    func ownTooLate() {
        var story = Story()
        for ordinal in 0..<2 {
            story.invocation { story in
                if ordinal == 1 { story.use(LoopSerial(rawValue: 1), at: line(4)) }
                let loop = story.create(at: line(5))
                story.set(loop, at: line(6))
                story.close(loop, at: line(9))
                story.slotLeftClosed(loop)
            }
        }
        #expect(story.findings(rule).map(\.count) == [0, 1])
    }

    @Test("leaves to foreign-close what was the host's or a library's")
    func foreign() {
        var story = Story(host: .perInvocation)
        story.invocation {
            $0.hosted { story, loop in
                story.run(loop, at: line(6))
                story.close(loop, at: line(8))
                story.slotLeftClosed(loop)
            }
        }
        #expect(story.findings(rule)[0].isEmpty)
    }

    @Test("warns where the host hides it")
    func hidden() throws {
        var story = Story(host: .perInvocation)
        story.invocation {
            $0.hosted { story, _ in
                story.observe(.noCurrentLoop, .isExpected, at: line(4))
                let loop = story.create(at: line(5))
                story.set(loop, at: line(6))
                story.close(loop, at: line(8))
                story.slotLeftClosed(loop)
            }
        }
        let finding = try #require(story.findings(rule)[0].first)
        #expect(finding.severity == .warning)
        #expect(finding.message.contains("This host gives each invocation a fresh loop, which hides it; on hosts that"))
    }

    @Test("is silent where the program looks whether the current loop is closed")
    func minded() {
        for (flags, count) in [(LoopEvent.Flags.isMinded, 0), ([], 1)] {
            var story = Story()
            let loop = story.create(at: line(3, in: "<module>"))
            story.set(loop, at: line(4, in: "<module>"))
            story.invocation { story in
                story.close(loop, at: line(9))
                story.slotLeftClosed(loop, flags)
            }
            #expect(story.findings(rule)[0].count == count)
        }
    }
}
