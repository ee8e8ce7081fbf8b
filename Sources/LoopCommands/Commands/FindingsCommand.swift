import ArgumentParser
import LoopModel
import LoopWire

struct FindingsCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "findings",
        abstract: "Tells what the rules found, the newest first."
    )

    @Option(help: ArgumentHelp("Only those of this rule.", valueName: "name"), completion: .rules)
    var rule: String?

    @OptionGroup var filter: FilterOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func perform(on console: Console) throws -> CommandStatus {
        var filter = filter.filter(on: console)
        filter.rule = rule
        try ReportPrinter(on: console, connection, output).print(.findings(filter))
        return .ok
    }
}
