internal import FoundationEssentials

/// What a probe says of the process in which it observes a runtime that is not ours, once the handler is loaded.
package struct ObservedRuntime: Hashable, Sendable, Decodable {
    /// For example `3.11.7`.
    package var python: String
    /// The most descriptors that the process may hold.
    package var descriptorLimit: Int?
    /// As a worker says it.
    package var info: WorkerInfo

    /// nil for bytes that are no such object.
    package init?(json: [UInt8]) {
        guard let value = try? JSONDecoder().decode(Self.self, from: Data(json)) else { return nil }
        self = value
    }
}
