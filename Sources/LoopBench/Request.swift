import ArgumentParser
import LoopWire

struct Request: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The same GET of the control API again and again; times in nanoseconds."
    )

    @OptionGroup var load: LoadOptions
    @Option(help: "The daemon's socket.") var socket: String
    @Option(help: "Path and query, encoded.") var target: String

    func run() throws {
        let request = HTTPRequestBytes.make(.get, target, accept: "application/json")
        try load.run(request, to: [socket], framing: .http, expected: "")
    }
}
