import ArgumentParser
import LoopModel

/// The measurements that `Scripts/bench` sets beside their floors; each prints one JSON object.
@main
struct Benchmarks: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "loopwarden-bench",
        abstract: "Measures parts of Loopwarden for Scripts/bench.",
        subcommands: [Latency.self, Store.self]
    )

    struct Latency: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Invocations over one connection, in nanoseconds.")

        @Option var socket: String
        @Option var function: String
        @Option var count = 1000
        @Option var payload = "{}"
        @Flag(help: "Ask for a new environment each time.") var cold = false

        func run() throws {
            let figures = try LatencyBenchmark(
                socket: socket,
                function: FunctionName(sanitizing: function),
                payload: Array(payload.utf8),
                count: max(count, 1),
                isCold: cold
            ).run()
            let json: JSON = [
                "min": .int(figures.minimum), "p50": .int(figures.median), "p99": .int(figures.percentile99),
            ]
            print(json.text)
        }
    }

    struct Store: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Event rows per second, beside a raw loop.")

        @Option(help: "An empty folder for the databases.") var folder: String
        @Option var rows = 100_000
        @Option(help: "Invocations in one commit.") var group = 10

        func run() throws {
            let figures = try StoreBenchmark(folder: folder, rows: rows, group: max(group, 1)).run()
            let json: JSON = [
                "rowsPerSecond": .double(figures.rowsPerSecond), "rawRowsPerSecond": .double(figures.rawRowsPerSecond),
            ]
            print(json.text)
        }
    }
}
