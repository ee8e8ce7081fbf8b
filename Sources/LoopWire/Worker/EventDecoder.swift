package import LoopModel

/// Turns the blocks of events that one environment sends into events.
///
/// It remembers the strings, code sites and threads that earlier blocks defined, and counts the events. What a worker
/// sends is never trusted: whatever the bytes are, the decoder neither traps nor grows beyond its limits, and an id
/// that was never defined is nil.
package struct EventDecoder: Sendable {
    /// The most definitions of each sort; the probe keeps the same limit.
    package static let mostDefinitions = 1 << 16
    /// The most bytes of text that are remembered.
    package static let mostText = 16 << 20

    private var strings: [String?] = []
    private var sites: [CodeSite?] = []
    private var threads: [String?] = []
    private var textSize = 0
    private var nextSequence: Int64 = 0
    /// Of the last block that was taken in; the first is 1.
    package private(set) var generation: UInt32 = 0
    /// How far that was read in the journal; 0: it came as a block.
    private var journalEnd = 0

    package init() {}

    /// Takes in a block from a frame.
    package mutating func decode(_ block: RawSpan) -> DecodedBlock {
        guard let number = block.integer(UInt32.self, at: 0) else {
            return DecodedBlock(events: [], failure: .malformed("a block of events without a generation"))
        }
        guard number > generation else {
            return DecodedBlock(events: [], failure: .malformed("a block of events that came before"))
        }
        (generation, journalEnd) = (number, 0)
        return decode(records: block, from: 4, to: block.byteCount)
    }

    /// Takes in what a dead worker's journal holds beyond the last block that was received; as much as is whole.
    package mutating func decode(journal: RawSpan) -> [LoopEvent] {
        guard let end = JournalHeader.end(of: journal) else { return [] }
        return decode(journal: journal, to: end)
    }

    /// Takes in what a living process offers in its journal; nothing when it offers nothing.
    package mutating func decode(offered journal: RawSpan) -> [LoopEvent] {
        guard let end = JournalHeader.offered(of: journal) else { return [] }
        return decode(journal: journal, to: end)
    }

    private mutating func decode(journal: RawSpan, to end: Int) -> [LoopEvent] {
        guard let number = JournalHeader.generation(of: journal), end <= journal.byteCount else { return [] }
        // Of the same block only what came since it was last looked at.
        let goesOn = number == generation && journalEnd > 0
        let start = goesOn ? journalEnd : JournalHeader.size
        guard number > generation || goesOn, start <= end else { return [] }
        (generation, journalEnd) = (number, end)
        return decode(records: journal, from: start, to: end).events
    }

    /// Takes the next number, for an event that the daemon makes itself.
    package mutating func reserveSequence() -> Int64 {
        defer { nextSequence += 1 }
        return nextSequence
    }

    private mutating func decode(records bytes: RawSpan, from start: Int, to end: Int) -> DecodedBlock {
        var decoded = DecodedBlock(events: [], failure: nil)
        decoded.events.reserveCapacity((end - start) / Self.eventSize)
        var offset = start
        while offset < end {
            guard let kind = bytes.integer(UInt8.self, at: offset), let size = size(of: kind, at: offset, in: bytes),
                offset + size <= end
            else {
                decoded.failure = .malformed("a record of events that cannot be read")
                return decoded
            }
            switch kind {
            case 0xF0: defineString(at: offset, size: size, in: bytes)
            case 0xF1: defineSite(at: offset, in: bytes)
            case 0xF2: defineThread(at: offset, size: size, in: bytes)
            default:
                if let event = event(at: offset, in: bytes) { decoded.events.append(event) }
            }
            offset += size
        }
        return decoded
    }

    private static let eventSize = 40
    private static let siteSize = 32
    private static let textHeaderSize = 8

    /// nil for a kind of record that is not known, because then nobody knows where the next begins.
    private func size(of kind: UInt8, at offset: Int, in bytes: RawSpan) -> Int? {
        switch kind {
        case ..<0xF0: Self.eventSize
        case 0xF1: Self.siteSize
        case 0xF0, 0xF2: bytes.integer(UInt16.self, at: offset + 2).map { Self.textHeaderSize + Int($0) }
        default: nil
        }
    }

    private mutating func event(at offset: Int, in bytes: RawSpan) -> LoopEvent? {
        guard let kind = bytes.integer(UInt8.self, at: offset), let phase = bytes.integer(UInt8.self, at: offset + 1),
            let flags = bytes.integer(UInt16.self, at: offset + 2),
            let ordinal = bytes.integer(UInt32.self, at: offset + 4),
            let at = bytes.integer(UInt64.self, at: offset + 8),
            let thread = bytes.integer(UInt32.self, at: offset + 16),
            let loop = bytes.integer(UInt32.self, at: offset + 20),
            let site = bytes.integer(UInt32.self, at: offset + 24),
            let detail = bytes.integer(UInt32.self, at: offset + 28),
            let value = bytes.integer(Int64.self, at: offset + 32)
        else { return nil }
        defer { nextSequence += 1 }
        return LoopEvent(
            sequence: nextSequence,
            at: Instant(nanoseconds: Int64(clamping: at)),
            kind: LoopEvent.Kind(number: kind),
            flags: LoopEvent.Flags(rawValue: flags),
            phase: Phase(rawValue: phase) ?? .between,
            ordinal: ordinal == .max ? nil : Int(ordinal),
            thread: thread,
            threadName: Self.defined(thread, in: threads),
            loop: loop == 0 ? nil : LoopSerial(rawValue: loop),
            site: Self.defined(site, in: sites),
            detail: Self.defined(detail, in: strings),
            value: value
        )
    }

    private mutating func defineString(at offset: Int, size: Int, in bytes: RawSpan) {
        guard let id = bytes.integer(UInt32.self, at: offset + 4) else { return }
        define(id, in: \.strings, as: text(at: offset, size: size, in: bytes))
    }

    private mutating func defineThread(at offset: Int, size: Int, in bytes: RawSpan) {
        guard let id = bytes.integer(UInt32.self, at: offset + 4) else { return }
        define(id, in: \.threads, as: text(at: offset, size: size, in: bytes))
    }

    private mutating func defineSite(at offset: Int, in bytes: RawSpan) {
        guard let flags = bytes.integer(UInt8.self, at: offset + 1),
            let id = bytes.integer(UInt32.self, at: offset + 4),
            let line = line(at: offset + 8, in: bytes)
        else { return }
        let site = CodeSite(line: line, isUserCode: flags & 1 != 0, via: self.line(at: offset + 20, in: bytes))
        define(id, in: \.sites, as: site)
    }

    /// File, function and line; nil where the file was never defined.
    private func line(at offset: Int, in bytes: RawSpan) -> CodeLine? {
        guard let file = bytes.integer(UInt32.self, at: offset), let name = Self.defined(file, in: strings),
            let function = bytes.integer(UInt32.self, at: offset + 4),
            let line = bytes.integer(UInt32.self, at: offset + 8)
        else { return nil }
        return CodeLine(file: name, line: Int(line), function: Self.defined(function, in: strings) ?? "")
    }

    private mutating func text(at offset: Int, size: Int, in bytes: RawSpan) -> String? {
        guard textSize + size <= Self.mostText else { return nil }
        textSize += size
        return bytes.text(offset + Self.textHeaderSize..<offset + size)
    }

    private mutating func define<Value>(_ id: UInt32, in table: WritableKeyPath<Self, [Value?]>, as value: Value?) {
        guard (1...UInt32(Self.mostDefinitions)).contains(id) else { return }
        let index = Int(id) - 1
        while self[keyPath: table].count <= index { self[keyPath: table].append(nil) }
        // An id means one thing for ever; a second definition can only be a mistake or a lie.
        if self[keyPath: table][index] == nil { self[keyPath: table][index] = value }
    }

    private static func defined<Value>(_ id: UInt32, in table: [Value?]) -> Value? {
        id >= 1 && id <= table.count ? table[Int(id) - 1] : nil
    }
}

/// The events of a block, up to its end or to where it could not be read.
package struct DecodedBlock: Sendable {
    package var events: [LoopEvent]
    package var failure: WireFailure?
}

/// The first bytes of a journal: magic (8 bytes), generation (4), zero (4), end (8), dropped (8), when the loop that was
/// asked for it has turned (8), how far it is offered (8), and zeros.
package enum JournalHeader {
    /// In bytes; the records follow.
    package static let size = 64
    /// `LWEV0001`, little-endian.
    private static let magic: UInt64 = 0x3130_3030_5645_574C

    /// Where the records end, from the beginning of the file; nil when this is no journal.
    package static func end(of journal: RawSpan) -> Int? {
        guard journal.integer(UInt64.self, at: 0) == magic, let end = journal.integer(UInt64.self, at: 16),
            end >= UInt64(size), end <= UInt64(Int32.max)
        else { return nil }
        return Int(end)
    }

    /// Where the records end that a living process offers, from the beginning of the file; nil when it offers none.
    static func offered(of journal: RawSpan) -> Int? {
        guard let end = end(of: journal), let offered = journal.integer(UInt64.self, at: 40), offered >= UInt64(size),
            offered <= UInt64(end)
        else { return nil }
        return Int(offered)
    }

    /// When a loop has last turned after it was asked to say so; the clock's beginning: never; nil when this is no
    /// journal.
    package static func turnedAt(of journal: RawSpan) -> Instant? {
        guard journal.integer(UInt64.self, at: 0) == magic, let at = journal.integer(UInt64.self, at: 32) else {
            return nil
        }
        return Instant(nanoseconds: Int64(clamping: at))
    }

    /// Of the block that the records are; nil when this is no journal.
    static func generation(of journal: RawSpan) -> UInt32? {
        journal.integer(UInt64.self, at: 0) == magic ? journal.integer(UInt32.self, at: 8) : nil
    }
}
