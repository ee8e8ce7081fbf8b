import ArgumentParser
import LoopWire

/// Where the control API is.
struct SocketOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The daemon's socket.",
            discussion:
                "Without it: \(ControlSocket.variable), $XDG_RUNTIME_DIR/loopwarden/api.sock, \(ControlSocket.systemPath).",
            valueName: "path"
        ),
        completion: .file()
    )
    var socket: String?
}
