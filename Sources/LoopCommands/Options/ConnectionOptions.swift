import ArgumentParser
import LoopWire

/// How the daemon is reached.
struct ConnectionOptions: ParsableArguments {
    @OptionGroup var place: SocketOptions

    @Option(help: ArgumentHelp("Wait so long for a daemon that is starting.", valueName: "seconds"))
    var connectTimeout: Double?

    func validate() throws {
        guard let connectTimeout else { return }
        guard (0...86_400).contains(connectTimeout) else {
            throw ValidationError("--connect-timeout is \(connectTimeout); expected are seconds from 0 to 86400.")
        }
    }

    func client(on console: Console) -> ControlClient {
        ControlClient(
            paths: place.socket.map { [$0] } ?? ControlSocket.paths(environment: console.environment),
            connectTimeout: connectTimeout.map { .seconds($0) },
            isRuntimeFolderKnown: place.socket != nil || console.isRoot || console.environment["XDG_RUNTIME_DIR"] != nil
                || console.environment[ControlSocket.variable] != nil
        )
    }
}
