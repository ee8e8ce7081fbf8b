import ArgumentParser
import LoopModel
import LoopWire

struct SimulateCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Drives functions with arrivals, in simulated time; needs no daemon.",
        discussion: """
            A scenario names functions and streams of invocations: at a constant rate, at random, in bursts, or as a \
            trace has them. Time in which nothing goes on is passed over. Exits with 0 when all is clean, 1 when \
            something was found or an invocation failed, 2 when a function never succeeds cold, 130 when it was \
            interrupted, after telling what was done.
            """
    )

    @Argument(
        help: ArgumentHelp("The scenario's .yaml file.", valueName: "scenario"),
        completion: .file(extensions: ["yaml", "yml"])
    )
    var scenario: String

    @Option(
        help: ArgumentHelp(
            "Keep the history under this name, in the running daemon's or in --state: history --run NAME shows it.",
            valueName: "name"
        )
    )
    var name: RunName?

    @Option(
        help: ArgumentHelp("Keep the history in this state folder, which no daemon may be using.", valueName: "path"),
        completion: .directory
    )
    var state: String?

    @Option(help: ArgumentHelp("In place of the scenario's own seed.", valueName: "number"))
    var seed: UInt64?

    @Option(help: "The mildest finding that counts: info, warning or error.")
    var failOn = Severity.warning

    @Option(
        help: ArgumentHelp("Also write the report as a page for browsers.", valueName: "file"),
        completion: .file(extensions: ["html"])
    )
    var html: String?

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func perform(on console: Console) async throws -> CommandStatus {
        try await SimulationOrder(
            scenario: scenario,
            name: name,
            state: state,
            address: connection.address,
            seed: seed,
            threshold: failOn,
            html: html,
            style: output.style
        ).perform(on: console)
    }
}
