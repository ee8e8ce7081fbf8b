package import LoopModel

/// Why the control API did not do what it was asked; on the wire
/// `{"error":{"code":"function-not-found","message":"…","hint":"…"}}`.
package struct APIFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package var code: Code
    /// What happened, in one sentence or two.
    package var message: String
    /// What to do about it; may be empty.
    package var hint: String
    /// When it is worth trying again, in seconds; the `Retry-After` header.
    package var retryAfter: Int?
    /// The methods that the path does take; the `Allow` header.
    package var allowed: [HTTPMethod] = []

    package init(_ code: Code, _ message: String, hint: String = "", retryAfter: Int? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
        self.retryAfter = retryAfter
    }

    package var status: Int { code.status }

    /// What a command that met it says to the shell.
    package var exit: CommandStatus { code.exit }

    package var description: String { hint.isEmpty ? message : "\(message) \(hint)" }

    /// The headers that go with it, beside those of every reply.
    package var headers: [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        if !allowed.isEmpty { headers.append(("allow", allowed.map(\.rawValue).joined(separator: ", "))) }
        if let retryAfter { headers.append(("retry-after", String(retryAfter))) }
        return headers
    }

    /// The body of the reply.
    package var json: JSON {
        ["error": ["code": .string(code.name), "message": .string(message), "hint": .string(hint)]]
    }

    /// Reads a reply whose status is no success; one that is not in the API's form becomes a failure that says so.
    package init(status: Int, body: [UInt8]) {
        let error = (try? JSONReader.value(of: body))?["error"]
        if let name = error?["code"]?.stringValue, let message = error?["message"]?.stringValue {
            self.init(Code(name: name, status: status), message, hint: error?["hint"]?.stringValue ?? "")
        } else {
            self.init(
                .unknown("no-error-object", status: status),
                "The daemon answered with status \(status) and no explanation.",
                hint: "Does something other than Loopwarden listen on this socket?"
            )
        }
    }
}

extension APIFailure {
    /// What kind of failure: names are stable and part of the contract.
    package enum Code: Hashable, Sendable {
        case unknownRoute
        case methodNotAllowed
        case badParameter
        case badBody
        case badPlugin
        case unknownFunction
        case unknownInvocation
        case unknownAlert
        case unknownRule
        case ambiguousPrefix
        /// The position in the stream of logs is that of another daemon.
        case positionLost
        /// Another plugin has the name, or the function was removed while the invocation waited.
        case conflict
        case payloadTooLarge
        case queueFull
        case shuttingDown
        case storage
        case `internal`
        /// From a daemon newer than this client.
        case unknown(String, status: Int)

        /// Those a daemon of this version uses.
        package static let known: [Self] = table.map(\.code)

        private static let table: [(code: Self, name: String, status: Int, exit: CommandStatus)] = [
            (.unknownRoute, "route-not-found", 404, .protocolBroken),
            (.methodNotAllowed, "method-not-allowed", 405, .protocolBroken),
            (.badParameter, "bad-parameter", 400, .usage),
            (.badBody, "bad-body", 400, .data),
            (.badPlugin, "bad-plugin", 400, .configuration),
            (.unknownFunction, "function-not-found", 404, .missing),
            (.unknownInvocation, "invocation-not-found", 404, .missing),
            (.unknownAlert, "alert-not-found", 404, .missing),
            (.unknownRule, "rule-not-found", 404, .missing),
            (.ambiguousPrefix, "ambiguous-prefix", 409, .usage),
            (.positionLost, "position-lost", 410, .unavailable),
            (.conflict, "conflict", 409, .notCreated),
            (.payloadTooLarge, "payload-too-large", 413, .data),
            (.queueFull, "queue-full", 429, .temporary),
            (.shuttingDown, "shutting-down", 503, .unavailable),
            (.storage, "storage-failed", 503, .io),
            (.internal, "internal", 500, .software),
        ]

        private var row: (code: Self, name: String, status: Int, exit: CommandStatus) {
            if case .unknown(let name, let status) = self {
                return (self, name, status, Self.table.first { $0.status == status }?.exit ?? .protocolBroken)
            }
            return Self.table.first { $0.code == self } ?? (self, "internal", 500, .software)
        }

        package init(name: String, status: Int) {
            self = Self.table.first { $0.name == name }?.code ?? .unknown(name, status: status)
        }

        package var name: String { row.name }
        package var status: Int { row.status }
        package var exit: CommandStatus { row.exit }
    }
}
