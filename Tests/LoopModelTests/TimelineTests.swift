import LoopModel
import Testing

@Suite("A timeline")
struct TimelineTests {
    @Test("has the ledger before and after its events, and knows invocations by ordinal")
    func beforeAndAfter() {
        let environment = EnvironmentRecord(
            id: EnvironmentID(rawValue: "e"),
            function: FunctionName(sanitizing: "f"),
            host: .bare,
            loop: .asyncio,
            start: .spawn,
            cause: .first,
            startedAt: WallTime(nanoseconds: 0)
        )
        let loop = LoopSerial(rawValue: 1)
        let created = LoopEvent(
            sequence: 0,
            at: Instant(nanoseconds: 0),
            kind: .created,
            phase: .invocation,
            ordinal: 1,
            loop: loop
        )
        let timeline = Timeline(
            environment: environment,
            invocation: InvocationReference(id: InvocationID(rawValue: "now"), ordinal: 1, outcome: .ok),
            earlier: [0: InvocationID(rawValue: "then")],
            before: Ledger(),
            events: [created]
        )
        #expect(timeline.before.loops.isEmpty)
        #expect(timeline.after.loops[loop] != nil)
        #expect(timeline.invocationID(of: 1)?.rawValue == "now")
        #expect(timeline.invocationID(of: 0)?.rawValue == "then")
        #expect(timeline.invocationID(of: 7) == nil && timeline.invocationID(of: nil) == nil)
    }

    @Test("numbers and names of event kinds are distinct, and unknown numbers are kept")
    func kinds() {
        let known = LoopEvent.Kind.known
        #expect(Set(known.map(\.number)).count == known.count)
        #expect(Set(known.map(\.name)).count == known.count)
        for kind in known { #expect(LoopEvent.Kind(number: kind.number) == kind) }
        #expect(LoopEvent.Kind(number: 200) == .unknown(200))
        #expect(LoopEvent.Kind.unknown(200).number == 200)
        #expect(LoopEvent.Kind.unknown(200).name == "unknown-200")
    }
}
