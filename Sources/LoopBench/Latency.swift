import ArgumentParser
import LoopModel
import LoopWire

struct Latency: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Invocations over one connection or several; times in nanoseconds."
    )

    @OptionGroup var load: LoadOptions
    @Option(help: "The daemon's socket.") var socket: String
    @Option var function: String
    @Option var payload = "{}"
    @Flag(help: "Ask for a new environment each time.") var cold = false

    func run() throws {
        let (method, target, _) = ControlRequest.invoke(FunctionName(sanitizing: function), isCold: cold).encoded
        let request = HTTPRequestBytes.make(
            method,
            target,
            accept: "application/json",
            body: Array(payload.utf8)
        )
        try load.run(request, to: [socket], framing: .http, expected: #""outcome":"ok""#)
    }
}
