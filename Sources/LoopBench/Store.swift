import ArgumentParser
import LoopModel

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
