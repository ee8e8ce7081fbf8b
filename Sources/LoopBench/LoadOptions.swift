import ArgumentParser
import LoopModel

/// How much is asked, and by how many at once.
struct LoadOptions: ParsableArguments {
    @Option(help: "Requests that are measured.") var count = 1000
    @Option(help: "Requests of each connection before them.") var warmUp = 0
    @Option(help: "Connections, each with a thread.") var connections = 1
    @Option(help: "Milliseconds that a connection rests before each request.") var pause = 0

    func validate() throws {
        guard count > 0, connections > 0, warmUp >= 0, pause >= 0 else {
            throw ValidationError("--count and --connections are at least 1, --warm-up and --pause at least 0.")
        }
    }

    /// Measures and prints.
    func run(
        _ request: [UInt8],
        to sockets: [String],
        framing: LightConnection.Framing,
        expected: String
    ) throws {
        let figures = try LoadBenchmark(
            sockets: sockets,
            request: request,
            framing: framing,
            expected: Array(expected.utf8),
            connections: connections,
            count: count,
            warmUp: warmUp,
            rest: Int64(pause) * 1_000_000
        ).run()
        print(figures.json.text)
    }
}
