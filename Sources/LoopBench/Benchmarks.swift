import ArgumentParser

/// The measurements that `Scripts/bench` sets beside their floors and peers; each prints one JSON object.
@main
struct Benchmarks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "loopwarden-bench",
        abstract: "Measures parts of Loopwarden for Scripts/bench.",
        subcommands: [Latency.self, Request.self, Echo.self, RuntimeAPI.self, Store.self, History.self]
    )
}
