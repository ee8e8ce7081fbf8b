internal import FoundationEssentials

/// HELLO: who is connecting.
package struct WorkerHello: Hashable, Sendable, Decodable {
    /// Of the protocol; this daemon speaks ``supportedProtocol``.
    package var `protocol`: Int
    /// The one-time token that the daemon gave to the process it started.
    package var token: String
    package var pid: Int32
    /// For example `3.11.7`.
    package var python: String
    package var implementation: String?
    package var executable: String?
    /// The probe's version.
    package var probe: String?
    /// The most descriptors that the process may hold.
    package var descriptorLimit: Int?

    package static let supportedProtocol = 1

    init(json: RawSpan) throws(WireFailure) { self = try decoded(json, "HELLO") }
}

/// What READY says about the worker and the handler.
package struct WorkerInfo: Hashable, Sendable, Decodable {
    /// The loop implementation that the host really uses.
    package var loop: String?
    package var loopVersion: String?
    /// How many descriptors are open, now that the handler is loaded.
    package var descriptors: Int?
    /// The most descriptors that the process may hold, which a fork does not know when it says HELLO.
    package var descriptorLimit: Int?
    package var disabled: [DisabledHook]?
    /// `def` or `async def`.
    package var kind: String?
    /// The files below the plugin's folder that were loaded.
    package var modules: [LoadedModule]?

    /// What was imported while the handler was loaded; nil: nobody has looked.
    package var imports: WorkerImports?

    /// Whether it answers the signals that CONFIG has named.
    package var answering: Answering?

    /// Whether it knows the frame FREEZE.
    package var tellsWhatIsAlive: Bool?

    init(json: RawSpan) throws(WireFailure) { self = try decoded(json, "READY") }

    /// What the daemon must know to ask a busy worker.
    package struct Answering: Hashable, Sendable, Decodable {
        /// Which the file of stacks has in the worker.
        package var descriptor: Int
    }

    /// A detection that is off.
    package struct DisabledHook: Hashable, Sendable, Decodable {
        package var hook: String
        package var reason: String
    }

    /// A file as it was when it was loaded.
    package struct LoadedModule: Hashable, Sendable, Decodable {
        package var path: String
        /// Of the last change of the content, in nanoseconds since 1970-01-01 UTC.
        package var modified: Int64
        /// In bytes.
        package var size: Int64

        package init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            path = try container.decode(String.self)
            modified = try container.decode(Int64.self)
            size = try container.decode(Int64.self)
        }
    }
}

/// Lambda's error object, as far as the history keeps it; every part may be missing in what a worker sends.
package struct HandlerError: Hashable, Sendable, Decodable {
    package var errorMessage: String?
    package var errorType: String?
    package var stackTrace: [String]?

    package init(errorMessage: String? = nil, errorType: String? = nil, stackTrace: [String]? = nil) {
        self.errorMessage = errorMessage
        self.errorType = errorType
        self.stackTrace = stackTrace
    }

    /// nil for bytes that are no such object.
    package init?(json: RawSpan) {
        guard let value: Self = try? decoded(json, "error") else { return nil }
        self = value
    }
}

func decoded<Value: Decodable>(_ json: RawSpan, _ what: String) throws(WireFailure) -> Value {
    let data = json.withUnsafeBytes { Data($0) }
    do {
        return try JSONDecoder().decode(Value.self, from: data)
    } catch {
        throw .malformed("\(what) with JSON that cannot be read")
    }
}
