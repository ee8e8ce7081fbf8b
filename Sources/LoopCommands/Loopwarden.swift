import ArgumentParser
import LoopModel

/// The root of the command line: a list of verbs.
struct Loopwarden: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "loopwarden",
        abstract: "Runs functions as a serverless host does, and says which will not survive a warm start.",
        version: loopwardenVersion,
        groupedSubcommands: [
            CommandGroup(
                name: "Run",
                subcommands: [
                    CheckCommand.self, SimulateCommand.self, InvokeCommand.self, FunctionsCommand.self,
                    EventSourceCommand.self,
                ]
            ),
            CommandGroup(
                name: "Understand",
                subcommands: [
                    HistoryCommand.self, ShowCommand.self, LogsCommand.self, LoopsCommand.self, FindingsCommand.self,
                    AlertsCommand.self, ExplainCommand.self, RecheckCommand.self, PreloadCommand.self,
                ]
            ),
            CommandGroup(
                name: "Operate",
                subcommands: [StatusCommand.self, DoctorCommand.self, DaemonCommand.self]
            ),
        ]
    )

    // Options of every verb may stand before it, too.
    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    /// What to say when the first argument is no verb; nil when it is one, or an option.
    static func complaint(about arguments: [String]) -> CommandFailure? {
        let verbs = configuration.subcommands.map { $0._commandName } + ["help"]
        guard let word = arguments.first, !word.hasPrefix("-"), !verbs.contains(word) else { return nil }
        return .unknownVerb(word, known: verbs)
    }
}
