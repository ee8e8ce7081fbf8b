import ArgumentParser
import LoopWire

struct ShowCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Tells one invocation: its events in order, with the lines of code and the times."
    )

    @Argument(help: "Its id, or the first digits of it, as \"history\" shows them.")
    var invocation: String

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func perform(on console: Console) throws -> CommandStatus {
        try ReportPrinter(on: console, connection, output).print(.invocation(prefix: invocation))
        return .ok
    }
}
