/// Row ids of values that many rows share, kept in memory, with the ones of an unfinished transaction apart.
struct InternTable<Value: Hashable> {
    /// Above this many values everything is forgotten, so that a function that makes up names cannot fill the memory.
    private let capacity: Int
    private var ids: [Value: Int64] = [:]
    /// Those whose rows the running transaction inserted; they go with it if it fails.
    private var fresh: [Value] = []

    init(capacity: Int = 50_000) { self.capacity = capacity }

    subscript(value: Value) -> Int64? { ids[value] }

    /// Remembers a row that was there before the transaction.
    mutating func remember(_ value: Value, _ id: Int64) { ids[value] = id }

    /// Remembers a row that the transaction inserted.
    mutating func rememberInserted(_ value: Value, _ id: Int64) {
        ids[value] = id
        fresh.append(value)
    }

    mutating func forget(_ value: Value) { ids[value] = nil }

    /// After the transaction was committed.
    mutating func keep() {
        fresh.removeAll(keepingCapacity: true)
        if ids.count > capacity { ids.removeAll() }
    }

    /// After the transaction was rolled back.
    mutating func rollBack() {
        for value in fresh { ids[value] = nil }
        fresh.removeAll(keepingCapacity: true)
    }
}
