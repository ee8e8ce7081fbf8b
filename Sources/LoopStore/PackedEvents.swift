internal import LoopModel

/// Events of one environment as bytes: those of a stretch of sequence numbers without holes.
///
/// First come the number of events and the first one's sequence number; then each event: a byte that says what else is
/// there, the kind's number, the nanoseconds since the event before, and what is there, in the order of the bits. Phase,
/// ordinal, thread and loop are there where they are not those of the event before. Integers are of seven bits a byte,
/// the lowest first, all but the last byte with the eighth bit set; those that may be negative are folded, so that small
/// ones stay short: 0, -1, 1, -2. Texts and sites are row ids of the tables `name` and `site`; 0 is none.
struct PackedEvents {
    private(set) var bytes: [UInt8]
    private var last = Last()

    /// What an event is compared with.
    fileprivate struct Last {
        var at: Int64 = 0
        var phase = Phase.invocation
        var ordinal: Int?
        var thread: UInt32 = 1
        var threadName: Int64 = 0
        var loop: LoopSerial?
    }

    /// What is there of an event.
    fileprivate struct Parts: OptionSet {
        let rawValue: UInt8

        static let flags = Self(rawValue: 1 << 0)
        static let phase = Self(rawValue: 1 << 1)
        static let ordinal = Self(rawValue: 1 << 2)
        static let thread = Self(rawValue: 1 << 3)
        static let loop = Self(rawValue: 1 << 4)
        static let site = Self(rawValue: 1 << 5)
        static let detail = Self(rawValue: 1 << 6)
        static let value = Self(rawValue: 1 << 7)
    }

    /// The sequence numbers of events that follow each other without holes; nil for others, and for none.
    static func range(of events: [LoopEvent]) -> Range<Int64>? {
        guard let first = events.first?.sequence else { return nil }
        for (index, event) in events.enumerated() where event.sequence != first + Int64(index) { return nil }
        return first..<first + Int64(events.count)
    }

    /// - Parameter range: of the events to come.
    init(_ range: Range<Int64>) {
        bytes = []
        bytes.reserveCapacity(16 + 8 * range.count)
        append(UInt64(range.count))
        append(signed: range.lowerBound)
    }

    /// Adds the next event, with the row ids of what it shares with others.
    mutating func append(_ event: LoopEvent, threadName: Int64?, site: Int64?, detail: Int64?) {
        var parts: Parts = []
        let threadName = threadName ?? 0
        if !event.flags.isEmpty { parts.insert(.flags) }
        if event.phase != last.phase { parts.insert(.phase) }
        if event.ordinal != last.ordinal { parts.insert(.ordinal) }
        if event.thread != last.thread || threadName != last.threadName { parts.insert(.thread) }
        if event.loop != last.loop { parts.insert(.loop) }
        if site != nil { parts.insert(.site) }
        if detail != nil { parts.insert(.detail) }
        if event.value != 0 { parts.insert(.value) }
        bytes.append(parts.rawValue)
        bytes.append(event.kind.number)
        append(signed: event.at.nanoseconds &- last.at)
        if parts.contains(.flags) { append(UInt64(event.flags.rawValue)) }
        if parts.contains(.phase) { bytes.append(event.phase.rawValue) }
        if parts.contains(.ordinal) { append(event.ordinal.map { UInt64(clamping: $0) + 1 } ?? 0) }
        if parts.contains(.thread) {
            append(UInt64(event.thread))
            append(UInt64(threadName))
        }
        if parts.contains(.loop) { append(event.loop.map { UInt64($0.rawValue) + 1 } ?? 0) }
        if let site { append(UInt64(site)) }
        if let detail { append(UInt64(detail)) }
        if parts.contains(.value) { append(signed: event.value) }
        last = Last(
            at: event.at.nanoseconds,
            phase: event.phase,
            ordinal: event.ordinal,
            thread: event.thread,
            threadName: threadName,
            loop: event.loop
        )
    }

    private mutating func append(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private mutating func append(signed number: Int64) {
        append(UInt64(bitPattern: number << 1 ^ number >> 63))
    }
}

extension PackedEvents {
    /// The sequence numbers of the events in some bytes, of which twenty are enough.
    ///
    /// - Throws: ``StoreFailure/corrupt(reason:)``.
    static func range(in bytes: [UInt8]) throws -> Range<Int64> {
        var reader = Reader(bytes)
        return try reader.range()
    }

    /// The events in some bytes.
    ///
    /// - Throws: ``StoreFailure/corrupt(reason:)``, and SQLite's errors.
    static func events(in bytes: [UInt8], _ shared: SharedValues) throws -> [LoopEvent] {
        var reader = Reader(bytes)
        let range = try reader.range()
        // Each takes three bytes at least; a number that is not true could fill the memory.
        guard range.count <= bytes.count else { throw Reader.damage }
        return try range.map { try reader.event($0, shared) }
    }

    private struct Reader {
        private let bytes: [UInt8]
        private var position = 0
        private var last = Last()

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        mutating func range() throws -> Range<Int64> {
            let count = Int64(clamping: try number())
            let first = try signed()
            let end = first.addingReportingOverflow(count)
            guard !end.overflow else { throw Self.damage }
            return first..<end.partialValue
        }

        mutating func event(_ sequence: Int64, _ shared: SharedValues) throws -> LoopEvent {
            let parts = Parts(rawValue: try byte())
            let kind = LoopEvent.Kind(number: try byte())
            last.at &+= try signed()
            let flags = parts.contains(.flags) ? UInt16(truncatingIfNeeded: try number()) : 0
            if parts.contains(.phase) { last.phase = Phase(rawValue: try byte()) ?? .invocation }
            if parts.contains(.ordinal) { last.ordinal = try Int(exactly: number()).flatMap(Self.present) }
            if parts.contains(.thread) {
                last.thread = UInt32(truncatingIfNeeded: try number())
                last.threadName = Int64(truncatingIfNeeded: try number())
            }
            if parts.contains(.loop) {
                last.loop = try Int(exactly: number()).flatMap(Self.present).map {
                    LoopSerial(rawValue: UInt32(truncatingIfNeeded: $0))
                }
            }
            let site = parts.contains(.site) ? Int64(truncatingIfNeeded: try number()) : nil
            let detail = parts.contains(.detail) ? Int64(truncatingIfNeeded: try number()) : nil
            return LoopEvent(
                sequence: sequence,
                at: Instant(nanoseconds: last.at),
                kind: kind,
                flags: LoopEvent.Flags(rawValue: flags),
                phase: last.phase,
                ordinal: last.ordinal,
                thread: last.thread,
                threadName: last.threadName == 0 ? nil : try shared.name(last.threadName),
                loop: last.loop,
                site: try site.flatMap(shared.site),
                detail: try detail.map(shared.name),
                value: parts.contains(.value) ? try signed() : 0
            )
        }

        /// What was written as one more than it is, to leave 0 for none.
        private static func present(_ number: Int) -> Int? { number == 0 ? nil : number - 1 }

        static let damage = StoreFailure.corrupt(reason: "the events of an invocation cannot be read")

        private mutating func byte() throws -> UInt8 {
            guard position < bytes.count else { throw Self.damage }
            defer { position += 1 }
            return bytes[position]
        }

        private mutating func number() throws -> UInt64 {
            var number: UInt64 = 0
            for shift in stride(from: 0, through: 63, by: 7) {
                let next = try byte()
                number |= UInt64(next & 0x7F) << UInt64(shift)
                if next < 0x80 { return number }
            }
            throw Self.damage
        }

        private mutating func signed() throws -> Int64 {
            let number = try number()
            return Int64(bitPattern: number >> 1) ^ -Int64(bitPattern: number & 1)
        }
    }
}
