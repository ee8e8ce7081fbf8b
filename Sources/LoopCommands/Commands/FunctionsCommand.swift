import ArgumentParser
import LoopModel
import LoopWire

struct FunctionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "functions",
        abstract:
            "Lists the functions that can be invoked, adds and removes them, and keeps environments of them ready.",
        subcommands: [List.self, Show.self, Add.self, Remove.self, Provision.self],
        defaultSubcommand: List.self
    )

    struct List: Verb {
        static let configuration = CommandConfiguration(abstract: "Lists the functions by name.")

        @OptionGroup var output: OutputOptions
        @OptionGroup var connection: ConnectionOptions

        func perform(on console: Console) throws -> CommandStatus {
            try ReportPrinter(on: console, connection, output).print(.functions)
            return .ok
        }
    }

    struct Show: Verb {
        static let configuration = CommandConfiguration(abstract: "Tells how a function is configured.")

        @OptionGroup var named: NamedFunction

        func perform(on console: Console) throws -> CommandStatus {
            try named.printer(on: console).print(.function(named.name))
            return .ok
        }
    }
}
