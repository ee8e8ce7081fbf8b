/// Where the control API's socket is unless someone says otherwise.
package enum ControlSocket {
    /// Names the socket for both sides.
    package static let variable = "LOOPWARDEN_SOCKET"

    /// The folder that a system-wide daemon uses.
    package static let systemPath = "/run/loopwarden/api.sock"

    /// Where a client looks, the likeliest first; a daemon takes the first.
    ///
    /// - Parameter environment: the process's variables.
    /// - Returns: one path, or none but the system's where `XDG_RUNTIME_DIR` is not set.
    package static func paths(environment: [String: String]) -> [String] {
        if let path = environment[variable], !path.isEmpty { return [path] }
        // A relative path is to be ignored (XDG base directory specification).
        guard let folder = environment["XDG_RUNTIME_DIR"], folder.hasPrefix("/") else { return [systemPath] }
        return ["\(folder)/loopwarden/api.sock", systemPath]
    }
}
