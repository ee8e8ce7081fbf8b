internal import LoopModel

/// What a probe says of the process in which it observes a runtime that is not ours, once the handler is loaded.
package struct ObservedRuntime: Hashable, Sendable {
    /// For example `3.11.7`.
    package var python: String
    /// The most descriptors that the process may hold.
    package var descriptorLimit: Int?
    /// As a worker says it.
    package var info: WorkerInfo

    /// nil for bytes that are no such object.
    package init?(json: [UInt8]) {
        do throws(WireFailure) {
            let object = try WorkerObject(json.span.bytes, "a probe's note")
            python = try object.required("python", \.stringValue)
            descriptorLimit = try object.optional("descriptorLimit", \.intValue)
            guard let said = try object.object("info") else { return nil }
            info = try WorkerInfo(said)
        } catch {
            return nil
        }
    }
}
