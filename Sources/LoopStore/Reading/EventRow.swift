internal import LoopModel

/// An event as a row, as versions before the eleventh of the schema have written them.
enum EventRow {
    static let columns = """
        sequence, monotonic, kind, flags, phase, ordinal, thread, threadName, loop, site, detail, value
        """

    static func read(_ row: PreparedStatement, _ shared: SharedValues) throws -> LoopEvent {
        LoopEvent(
            sequence: row.int64(),
            at: Instant(nanoseconds: row.int64()),
            kind: LoopEvent.Kind(number: UInt8(truncatingIfNeeded: row.int64())),
            flags: LoopEvent.Flags(rawValue: UInt16(truncatingIfNeeded: row.int64())),
            phase: Phase(rawValue: UInt8(truncatingIfNeeded: row.int64())) ?? .invocation,
            ordinal: row.optionalInt(),
            thread: UInt32(truncatingIfNeeded: row.int64()),
            threadName: try row.optionalInt64().map(shared.name),
            loop: row.optionalInt64().map { LoopSerial(rawValue: UInt32(truncatingIfNeeded: $0)) },
            site: try row.optionalInt64().flatMap(shared.site),
            detail: try row.optionalInt64().map(shared.name),
            value: row.int64()
        )
    }
}
