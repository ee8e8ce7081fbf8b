import ArgumentParser
import LoopModel

/// The command around ``HistoryBenchmark``.
struct History: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "A large history: its size, its reports while it is written to, and deleting; in nanoseconds and bytes.",
        discussion: "The history is made where the folder has none of that size yet."
    )

    @Option(help: "A folder for the database; the caller deletes it.") var folder: String
    @Option var events = 1_000_000
    @Option(help: "How often each report is asked for.") var rounds = 20
    @Option(help: "Rows to delete, step by step, while invocations are stored.") var prune = 0
    @Flag(help: "Ask for reports with their options, too.") var thorough = false

    func run() async throws {
        let benchmark = HistoryBenchmark(
            folder: folder,
            events: max(events, 1),
            pruned: prune,
            rounds: max(rounds, 1),
            isThorough: thorough
        )
        print(try await benchmark.run().text)
    }
}
