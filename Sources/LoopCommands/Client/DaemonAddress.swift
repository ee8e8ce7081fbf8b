import LoopWire

/// Where the daemon is looked for, and for how long.
struct DaemonAddress: Hashable, Sendable {
    /// nil: where the variables say.
    var socket: String?
    /// nil: a daemon that is not there is an error at once.
    var connectTimeout: Duration?

    func client(on console: Console) -> ControlClient {
        ControlClient(
            paths: socket.map { [$0] } ?? ControlSocket.paths(environment: console.environment),
            connectTimeout: connectTimeout,
            isRuntimeFolderKnown: socket != nil || console.isRoot || console.environment["XDG_RUNTIME_DIR"] != nil
                || console.environment[ControlSocket.variable] != nil
        )
    }
}
