package import LoopModel

/// What a worker tells of imports: in READY, and in the frame IMPORTS after its first invocation.
package struct WorkerImports: Hashable, Sendable, Decodable {
    /// In nanoseconds, all that is not the function's own.
    package var total: Int64
    package var modules: [Module]

    init(json: RawSpan) throws(WireFailure) { self = try decoded(json, "IMPORTS") }

    /// A module: name, time, own time, traits.
    package struct Module: Hashable, Sendable, Decodable {
        package var record: ModuleImport

        package init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            let name = try container.decode(String.self)
            record = ModuleImport(
                name: String(name.prefix(Self.longestName)),
                time: .nanoseconds(max(try container.decode(Int64.self), 0)),
                ownTime: .nanoseconds(max(try container.decode(Int64.self), 0)),
                traits: ModuleImport.Traits(rawValue: try container.decode(Int.self))
            )
        }

        /// In characters, as the worker has it; the history keeps each name once.
        private static let longestName = 200
    }
}
