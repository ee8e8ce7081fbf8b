internal import GRDB
internal import LoopModel

/// Reads the events of an environment from wherever they are stored.
struct EventReader {
    private let shared: SharedValues
    private let ofInvocation: PreparedStatement
    private let batches: PreparedStatement
    private let rows: PreparedStatement

    init(_ database: Database, _ shared: SharedValues) throws {
        self.shared = shared
        ofInvocation = try PreparedStatement(database, "SELECT events FROM invocation WHERE id = ?")
        batches = try PreparedStatement(
            database,
            "SELECT events FROM eventBatch WHERE environment = ? AND firstEvent < ? AND endEvent > ?"
        )
        rows = try PreparedStatement(
            database,
            """
            SELECT \(EventRow.columns) FROM loopEvent
            WHERE environment = ? AND sequence >= ? AND sequence < ? ORDER BY sequence
            """
        )
    }

    /// The events of some sequence numbers, in their order.
    ///
    /// - Parameters:
    ///   - environment: Its row.
    ///   - range: Their sequence numbers.
    ///   - invocation: The row of the invocation that they were judged with; nil: with none.
    /// - Returns: those that are stored.
    /// - Throws: ``StoreFailure/corrupt(reason:)``, and SQLite's errors.
    func events(of environment: Int64, _ range: Range<Int64>, invocation: Int64? = nil) throws -> [LoopEvent] {
        guard !range.isEmpty else { return [] }
        var packed: [[UInt8]] = []
        if let invocation {
            ofInvocation.bind(invocation)
            packed += try ofInvocation.all { $0.optionalBytes() }.compactMap(\.self)
        }
        batches.bind(environment)
        batches.bind(range.upperBound)
        batches.bind(range.lowerBound)
        packed += try batches.all { $0.optionalBytes() }.compactMap(\.self)
        rows.bind(environment)
        rows.bind(range.lowerBound)
        rows.bind(range.upperBound)
        let events =
            try rows.all { try EventRow.read($0, shared) } + packed.flatMap { try PackedEvents.events(in: $0, shared) }
        return events.filter { range.contains($0.sequence) }.sorted { $0.sequence < $1.sequence }
    }
}
