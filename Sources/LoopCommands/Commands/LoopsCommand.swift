import ArgumentParser
import LoopModel
import LoopWire

struct LoopsCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "loops",
        abstract: "Lists event loops and what became of them, the newest first."
    )

    @Flag(help: "Only those that were leaked.")
    var leaked = false

    @Flag(help: "Only those that are neither closed nor collected.")
    var open = false

    @OptionGroup var filter: FilterOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if leaked, open { throw ValidationError("--leaked and --open exclude each other; leaked loops are open ones.") }
    }

    func perform(on console: Console) throws -> CommandStatus {
        let state: LoopFilter = leaked ? .leaked : open ? .open : .all
        try ReportPrinter(on: console, connection, output).print(.loops(filter.filter(on: console), state: state))
        return .ok
    }
}
