import LoopModel
import Testing

@Suite("Kinds of events, together")
struct EventKindsTests {
    @Test("are told apart, each from every other", arguments: LoopEvent.Kind.known)
    func apart(_ kind: LoopEvent.Kind) {
        let kinds: EventKinds = [kind]
        #expect(LoopEvent.Kind.known.filter(kinds.contains) == [kind])
        #expect(!kinds.isDisjoint(with: EventKinds(LoopEvent.Kind.known)))
        #expect(kinds.isDisjoint(with: EventKinds(LoopEvent.Kind.known.filter { $0 != kind })))
    }

    @Test("hold those of newer probes, and take none of them for one that is known")
    func unknown() {
        let newer = (0...UInt8.max).map(LoopEvent.Kind.init(number:)).filter { !LoopEvent.Kind.known.contains($0) }
        #expect(newer.count > 100)
        #expect(newer.allSatisfy { EventKinds([$0]).contains($0) })
        #expect(EventKinds(newer).isDisjoint(with: EventKinds(LoopEvent.Kind.known)))
    }

    @Test("are those of the events; of none, none")
    func ofEvents() {
        let events = [LoopEvent.Kind.created, .closed, .created].enumerated().map { index, kind in
            LoopEvent(sequence: Int64(index), at: Instant(nanoseconds: 0), kind: kind, phase: .invocation)
        }
        #expect(EventKinds(of: events) == [.closed, .created])
        #expect(EventKinds(of: []).isDisjoint(with: EventKinds(LoopEvent.Kind.known)))
    }
}
