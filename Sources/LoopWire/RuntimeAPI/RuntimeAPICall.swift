/// What a runtime asks of the Runtime API (facts: lambda §1).
package enum RuntimeAPICall: Hashable, Sendable {
    /// The next invocation; the first time it also says that the runtime is ready.
    case next
    /// The result of the invocation with this id.
    case response(String)
    /// The error of the invocation with this id.
    case error(String)
    /// The function could not be loaded.
    case initError
    /// Snapshots only: the runtime may be snapshotted, and waits to be restored.
    case restoreNext
    /// Snapshots only: what was to be done after restoring has failed.
    case restoreError
    case ping

    private static let prefix = "/2018-06-01"

    /// - Parameters:
    ///   - method: of the HTTP request.
    ///   - target: its path, perhaps with a query, which means nothing here.
    /// - Throws: when there is no such call.
    package init(method: String, target: String) throws(RuntimeAPIFailure) {
        let path = String(target.prefix { $0 != "?" })
        guard path.hasPrefix(Self.prefix + "/") else { throw .unknownRoute(path) }
        let parts = path.dropFirst(Self.prefix.count).split(separator: "/").map(String.init)
        let (call, expected): (Self, String)
        switch parts {
        case ["ping"]: (call, expected) = (.ping, "GET")
        case ["runtime", "invocation", "next"]: (call, expected) = (.next, "GET")
        case ["runtime", "init", "error"]: (call, expected) = (.initError, "POST")
        case ["runtime", "restore", "next"]: (call, expected) = (.restoreNext, "GET")
        case ["runtime", "restore", "error"]: (call, expected) = (.restoreError, "POST")
        default:
            guard parts.count == 4, parts[0] == "runtime", parts[1] == "invocation" else { throw .unknownRoute(path) }
            switch parts[3] {
            case "response": (call, expected) = (.response(parts[2]), "POST")
            case "error": (call, expected) = (.error(parts[2]), "POST")
            default: throw .unknownRoute(path)
            }
        }
        guard method == expected else { throw .wrongMethod(method, expected: expected, path: path) }
        self = call
    }
}
