import ArgumentParser

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

    var address: DaemonAddress {
        DaemonAddress(socket: place.socket, connectTimeout: connectTimeout.map { .seconds($0) })
    }
}
