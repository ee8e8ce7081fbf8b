package import LoopModel

/// What a worker tells of imports: in READY, and in the frame IMPORTS after its first invocation.
package struct WorkerImports: Hashable, Sendable {
    /// In nanoseconds, all that is not the function's own.
    package var total: Int64
    package var modules: [Module]

    init(json: RawSpan) throws(WireFailure) { try self.init(WorkerObject(json, "IMPORTS")) }

    init(_ object: WorkerObject) throws(WireFailure) {
        total = Int64(try object.required("total", \.intValue))
        modules = try object.list("modules", Module.init) ?? []
    }

    /// A module: name, time, own time, traits.
    package struct Module: Hashable, Sendable {
        package var record: ModuleImport

        init?(_ json: JSON) {
            guard let parts = json.elements, parts.count >= 4, let name = parts[0].stringValue,
                let time = parts[1].intValue, let ownTime = parts[2].intValue, let traits = parts[3].intValue
            else { return nil }
            record = ModuleImport(
                name: String(name.prefix(Self.longestName)),
                time: .nanoseconds(max(time, 0)),
                ownTime: .nanoseconds(max(ownTime, 0)),
                traits: ModuleImport.Traits(rawValue: traits)
            )
        }

        /// In characters, as the worker has it; the history keeps each name once.
        private static let longestName = 200
    }
}
