import LoopModel
import LoopWire
import Testing

@Suite("The event decoder") struct EventDecoderTests {
    static let site = CodeSite(
        line: CodeLine(file: "handler.py", line: 12, function: "handler"),
        isUserCode: true,
        via: CodeLine(file: "asyncio/runners.py", line: 190, function: "run")
    )

    @Test("gives each event with what its ids stand for")
    func whole() {
        var decoder = EventDecoder()
        let decoded = decoder.decode(block: WorkerBytes.block(generation: 1).bytes)
        #expect(decoded.failure == nil)
        #expect(
            decoded.events == [
                LoopEvent(
                    sequence: 0,
                    at: Instant(nanoseconds: 100),
                    kind: .created,
                    flags: .byRunner,
                    phase: .invocation,
                    ordinal: 0,
                    threadName: "MainThread",
                    loop: LoopSerial(rawValue: 1),
                    site: Self.site,
                    detail: "run",
                    value: 3
                ),
                LoopEvent(
                    sequence: 1,
                    at: Instant(nanoseconds: 200),
                    kind: .phaseBegun,
                    phase: .initialization,
                    threadName: "MainThread"
                ),
                LoopEvent(
                    sequence: 2,
                    at: Instant(nanoseconds: 300),
                    kind: .unknown(77),
                    phase: .between,
                    ordinal: 0,
                    thread: 8,
                    loop: LoopSerial(rawValue: 9)
                ),
            ]
        )
    }

    @Test("remembers definitions and counts on from block to block")
    func memory() {
        var decoder = EventDecoder()
        _ = decoder.decode(block: WorkerBytes.block(generation: 1).bytes)
        var next = WorkerBytes()
        next.put(UInt32(2))
        next.event(kind: 8, loop: 1, site: 1)
        let events = decoder.decode(block: next.bytes).events
        #expect(events.first?.site == Self.site)
        #expect(events.first?.sequence == 3)
    }

    @Test("refuses a block that came before")
    func repeated() {
        var decoder = EventDecoder()
        let block = WorkerBytes.block(generation: 5).bytes
        #expect(decoder.decode(block: block).failure == nil)
        let again = decoder.decode(block: block)
        #expect(again.events.isEmpty && again.failure != nil)
    }

    @Test("keeps the first meaning of an id")
    func redefinition() {
        var decoder = EventDecoder()
        _ = decoder.decode(block: WorkerBytes.block(generation: 1).bytes)
        var next = WorkerBytes()
        next.put(UInt32(2))
        next.string(4, "other")
        next.string(70_000, "beyond the limit")
        next.event(kind: 9, detail: 4)
        next.event(kind: 9, detail: 70_000)
        #expect(decoder.decode(block: next.bytes).events.map(\.detail) == ["run", nil])
    }

    @Test("cut at any place, gives the events before the cut and says so")
    func truncated() {
        let block = WorkerBytes.block(generation: 1).bytes
        var whole = EventDecoder()
        let events = whole.decode(block: block).events
        for count in 0..<block.count {
            var decoder = EventDecoder()
            let decoded = decoder.decode(block: Array(block.prefix(count)))
            #expect(Array(events.prefix(decoded.events.count)) == decoded.events)
            #expect(decoded.events.count < events.count)
        }
    }

    @Test("never traps on random bytes and on blocks with flipped bytes")
    func random() {
        var generator = SystemRandomNumberGenerator()
        let block = WorkerBytes.block(generation: 1).bytes
        for _ in 0..<5_000 {
            var bytes = block
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                bytes[Int.random(in: 4..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            var decoder = EventDecoder()
            let decoded = decoder.decode(block: bytes)
            #expect(decoded.events.map(\.sequence) == (0..<Int64(decoded.events.count)).map { $0 })
            var noise = EventDecoder()
            _ = noise.decode(block: (0..<100).map { _ in UInt8.random(in: 0...255, using: &generator) })
        }
    }

    private func journal(generation: UInt32, end: Int? = nil, offered: Int = 0) -> [UInt8] {
        var records = WorkerBytes()
        records.records()
        var journal = WorkerBytes()
        journal.put(text: "LWEV0001")
        journal.put(generation)
        journal.put(UInt32(0))
        journal.put(UInt64(end ?? 64 + records.bytes.count))
        journal.put(UInt64(0))
        journal.put(UInt64(0))
        journal.put(UInt64(offered))
        journal.bytes += [UInt8](repeating: 0, count: 16)
        return journal.bytes + records.bytes + [UInt8](repeating: 0, count: 1000)
    }

    @Test("reads from a dead worker's journal what was not sent, and nothing twice")
    func leftovers() {
        var decoder = EventDecoder()
        #expect(decoder.decode(leftovers: journal(generation: 1)).count == 3)
        #expect(decoder.decode(leftovers: journal(generation: 1)).isEmpty)
        var later = EventDecoder()
        _ = later.decode(block: WorkerBytes.block(generation: 1).bytes)
        #expect(later.decode(leftovers: journal(generation: 1)).isEmpty)
        #expect(later.decode(leftovers: journal(generation: 2)).map(\.sequence) == [3, 4, 5])
    }

    @Test("reads from a living process's journal as far as that offers it, and later what came after that")
    func offered() {
        var decoder = EventDecoder()
        let whole = journal(generation: 1)
        // A block has four bytes of its own.
        let end = 64 + WorkerBytes.block(generation: 1).bytes.count - 4
        #expect(decoder.decode(offeredBy: whole).isEmpty)
        #expect(decoder.decode(offeredBy: journal(generation: 1, offered: end - 40)).map(\.sequence) == [0, 1])
        #expect(decoder.decode(offeredBy: journal(generation: 1, offered: end - 40)).isEmpty)
        #expect(decoder.decode(leftovers: whole).map(\.sequence) == [2])
        #expect(decoder.decode(leftovers: whole).isEmpty)
        #expect(decoder.decode(offeredBy: journal(generation: 2, offered: end)).map(\.sequence) == [3, 4, 5])
        #expect(decoder.decode(offeredBy: journal(generation: 3, offered: end + 1)).isEmpty)
        #expect(decoder.decode(offeredBy: journal(generation: 1, offered: end)).isEmpty)
    }

    @Test("gives nothing for a journal whose header cannot be", arguments: [0, 63, 1 << 40, -1])
    func brokenJournal(end: Int) {
        var decoder = EventDecoder()
        var bytes = journal(generation: 1, end: max(end, 0))
        if end < 0 { bytes[0] = 0 }
        #expect(decoder.decode(leftovers: bytes).isEmpty)
        for count in 0..<bytes.count where count % 7 == 0 {
            _ = decoder.decode(leftovers: Array(bytes.prefix(count)))
        }
    }
}
