internal import LoopModel

/// A JSON object in what a worker has sent, whose members are asked for by their names.
///
/// Read by LoopModel: Foundation's decoder took a sixth of a millisecond of each cold start.
struct WorkerObject {
    private let value: JSON
    /// What it is part of, as failures name it.
    private let what: String

    /// - Throws: when the text is no JSON object.
    init(_ json: RawSpan, _ what: String) throws(WireFailure) {
        let bytes = json.withUnsafeBytes { Array($0) }
        guard let value = try? JSONReader.value(of: bytes) else { throw Self.failure(what) }
        try self.init(value, what)
    }

    private init(_ value: JSON, _ what: String) throws(WireFailure) {
        guard case .object = value else { throw Self.failure(what) }
        (self.value, self.what) = (value, what)
    }

    /// A member; nil where it is missing or null.
    ///
    /// - Throws: when it is not what is expected.
    func optional<Value>(_ key: String, _ read: (JSON) -> Value?) throws(WireFailure) -> Value? {
        guard let member = value[key], member != .null else { return nil }
        guard let value = read(member) else { throw Self.failure(what) }
        return value
    }

    /// A member that must be there.
    func required<Value>(_ key: String, _ read: (JSON) -> Value?) throws(WireFailure) -> Value {
        guard let value = try optional(key, read) else { throw Self.failure(what) }
        return value
    }

    /// A member that is an object itself; nil where it is missing or null.
    func object(_ key: String) throws(WireFailure) -> Self? {
        guard let member = try optional(key, \.self) else { return nil }
        return try Self(member, what)
    }

    /// The elements of a member that is an array; nil where it is missing or null.
    func list<Value>(_ key: String, _ read: (JSON) -> Value?) throws(WireFailure) -> [Value]? {
        try optional(key) { member in
            guard let elements = member.elements else { return nil }
            let values = elements.compactMap(read)
            return values.count == elements.count ? values : nil
        }
    }

    private static func failure(_ what: String) -> WireFailure {
        .malformed("\(what) with JSON that cannot be read")
    }
}
