internal import LoopModel

/// HELLO: who is connecting.
package struct WorkerHello: Hashable, Sendable {
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

    init(json: RawSpan) throws(WireFailure) {
        let object = try WorkerObject(json, "HELLO")
        self.protocol = try object.required("protocol", \.intValue)
        token = try object.required("token", \.stringValue)
        pid = try object.required("pid") { $0.intValue.flatMap(Int32.init(exactly:)) }
        python = try object.required("python", \.stringValue)
        implementation = try object.optional("implementation", \.stringValue)
        executable = try object.optional("executable", \.stringValue)
        probe = try object.optional("probe", \.stringValue)
        descriptorLimit = try object.optional("descriptorLimit", \.intValue)
    }
}

/// What READY says about the worker and the handler.
package struct WorkerInfo: Hashable, Sendable {
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

    init(json: RawSpan) throws(WireFailure) { try self.init(WorkerObject(json, "READY")) }

    init(_ object: WorkerObject) throws(WireFailure) {
        loop = try object.optional("loop", \.stringValue)
        loopVersion = try object.optional("loopVersion", \.stringValue)
        descriptors = try object.optional("descriptors", \.intValue)
        descriptorLimit = try object.optional("descriptorLimit", \.intValue)
        disabled = try object.list("disabled", DisabledHook.init)
        kind = try object.optional("kind", \.stringValue)
        modules = try object.list("modules", LoadedModule.init)
        imports = try object.object("imports").map(WorkerImports.init)
        answering = try object.optional("answering", Answering.init)
        tellsWhatIsAlive = try object.optional("tellsWhatIsAlive", \.boolValue)
    }

    /// What the daemon must know to ask a busy worker.
    package struct Answering: Hashable, Sendable {
        /// Which the file of stacks has in the worker.
        package var descriptor: Int

        init?(_ json: JSON) {
            guard let descriptor = json["descriptor"]?.intValue else { return nil }
            self.descriptor = descriptor
        }
    }

    /// A detection that is off.
    package struct DisabledHook: Hashable, Sendable {
        package var hook: String
        package var reason: String

        init?(_ json: JSON) {
            guard let hook = json["hook"]?.stringValue, let reason = json["reason"]?.stringValue else { return nil }
            (self.hook, self.reason) = (hook, reason)
        }
    }

    /// A file as it was when it was loaded.
    package struct LoadedModule: Hashable, Sendable {
        package var path: String
        /// Of the last change of the content, in nanoseconds since 1970-01-01 UTC.
        package var modified: Int64
        /// In bytes.
        package var size: Int64

        init?(_ json: JSON) {
            guard let parts = json.elements, parts.count >= 3, let path = parts[0].stringValue,
                let modified = parts[1].intValue, let size = parts[2].intValue
            else { return nil }
            (self.path, self.modified, self.size) = (path, Int64(modified), Int64(size))
        }
    }
}

/// Lambda's error object, as far as the history keeps it; every part may be missing in what a worker sends.
package struct HandlerError: Hashable, Sendable {
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
        do throws(WireFailure) {
            let object = try WorkerObject(json, "error")
            errorMessage = try object.optional("errorMessage", \.stringValue)
            errorType = try object.optional("errorType", \.stringValue)
            stackTrace = try object.list("stackTrace", \.stringValue)
        } catch {
            return nil
        }
    }
}
