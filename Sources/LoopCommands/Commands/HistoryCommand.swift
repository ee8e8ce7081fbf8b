import ArgumentParser
import LoopModel
import LoopWire

struct HistoryCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Lists invocations, the newest first."
    )

    @OptionGroup var filter: FilterOptions

    @Option(help: ArgumentHelp("Only those that ended like this.", valueName: "outcome"))
    var outcome: Outcome?

    @Flag(help: "Only cold ones.")
    var cold = false

    @Flag(help: "Only warm ones.")
    var warm = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if cold, warm { throw ValidationError("--cold and --warm exclude each other; without them both are listed.") }
    }

    func perform(on console: Console) throws -> CommandStatus {
        var filter = filter.filter(on: console)
        filter.outcome = outcome
        filter.isCold = cold ? true : warm ? false : nil
        try ReportPrinter(on: console, connection, output).print(.invocations(filter))
        return .ok
    }
}
