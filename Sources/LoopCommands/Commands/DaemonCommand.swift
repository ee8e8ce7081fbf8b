import ArgumentParser
import LoopDaemon
import LoopWire

struct DaemonCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "daemon",
        abstract: "Serves functions until it is told to stop (SIGTERM); the one command that stays.",
        discussion: "Flags win over LOOPWARDEN_… variables, which win over the settings file."
    )

    @Option(help: ArgumentHelp("The settings file.", valueName: "path"), completion: .file(extensions: ["yaml"]))
    var config: String?

    @Option(help: ArgumentHelp("The folder with the history.", valueName: "path"), completion: .directory)
    var state: String?

    @OptionGroup var place: SocketOptions

    @Option(help: ArgumentHelp("A folder of plugins; may be repeated.", valueName: "path"), completion: .directory)
    var plugins: [String] = []

    @Option(
        help: ArgumentHelp("What an answered invocation survives: \"process\" or \"power\".", valueName: "what"),
        completion: .list(["process", "power"])
    )
    var durability: String?

    @Option(help: ArgumentHelp("From trace to critical.", valueName: "level"))
    var logLevel: String?

    @Option(
        help: ArgumentHelp("Which AWS Lambda is answered like: \"new\" (2025) or \"old\" (2024).", valueName: "which"),
        completion: .list(["new", "old"])
    )
    var epoch: String?

    @Flag(help: "Only say whether settings and plugins are good.")
    var checkConfig = false

    func perform(on console: Console) async throws -> CommandStatus {
        var options = DaemonOptions()
        options.config = config
        options.state = state
        options.socket = place.socket
        options.plugins = plugins
        options.durability = durability
        options.logLevel = logLevel
        options.epoch = epoch
        options.checkConfig = checkConfig
        return CommandStatus(rawValue: await Daemon.run(options)) ?? .software
    }
}
