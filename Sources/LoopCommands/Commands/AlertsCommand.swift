import ArgumentParser
import LoopModel
import LoopWire

struct AlertsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alerts",
        abstract: "Lists alerts, and says that one is known or mended.",
        subcommands: [List.self, Acknowledge.self, Resolve.self],
        defaultSubcommand: List.self
    )

    struct List: Verb {
        static let configuration = CommandConfiguration(abstract: "Lists alerts, the latest seen first.")

        @Option(help: ArgumentHelp("Only those in this state.", valueName: "state"))
        var state = AlertStateArgument.open

        @Option(help: ArgumentHelp("Only those of this function.", valueName: "name"), completion: .functions)
        var function: FunctionName?

        @OptionGroup var output: OutputOptions
        @OptionGroup var connection: ConnectionOptions

        func perform(on console: Console) throws -> CommandStatus {
            let request = ControlRequest.alerts(HistoryFilter(function: function), states: state.states)
            try ReportPrinter(on: console, connection, output).print(request)
            return .ok
        }
    }

    struct Acknowledge: Verb {
        static let configuration = CommandConfiguration(
            commandName: "ack",
            abstract: "Says that an alert is known: it stays quiet when it is seen again."
        )

        @OptionGroup var change: AlertChange

        func perform(on console: Console) throws -> CommandStatus {
            try change.print(.acknowledgeAlert(prefix: change.alert), on: console)
        }
    }

    struct Resolve: Verb {
        static let configuration = CommandConfiguration(
            abstract: "Says that the cause is mended: the alert opens again when it is seen again."
        )

        @OptionGroup var change: AlertChange

        func perform(on console: Console) throws -> CommandStatus {
            try change.print(.resolveAlert(prefix: change.alert), on: console)
        }
    }
}
