import ArgumentParser
import LoopWire

struct RecheckCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "recheck",
        abstract: "Judges the whole history again, for example after a rule was added."
    )

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func perform(on console: Console) throws -> CommandStatus {
        try ReportPrinter(on: console, connection, output).print(.recheck)
        return .ok
    }
}
