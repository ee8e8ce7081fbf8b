import ArgumentParser
import LoopWire

struct StatusCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Says how the daemon is, what it is doing, and how much it keeps."
    )

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func perform(on console: Console) throws -> CommandStatus {
        try ReportPrinter(on: console, connection, output).print(.status)
        return .ok
    }
}
