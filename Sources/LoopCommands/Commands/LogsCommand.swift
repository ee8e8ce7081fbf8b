import ArgumentParser
import LoopModel
import LoopWire

struct LogsCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Prints what functions have logged, as AWS Lambda writes it, the newest last.",
        discussion: """
            Each line has its time and the first digits of its environment, which is a log stream of its own on AWS \
            Lambda. With --json, each is an object in a line.
            """
    )

    @Argument(help: "The function's name; without it, all functions.", completion: .functions)
    var name: FunctionName?

    @Flag(name: [.long, .customShort("f")], help: "Go on with what is logged from now on, until it is interrupted.")
    var follow = false

    @Option(
        help: ArgumentHelp("Only this time or later: 15m, 2h, 7d (ago), or 2026-11-21T08:59:03Z.", valueName: "time")
    )
    var since: TimeArgument?

    @Option(help: ArgumentHelp("Only this invocation; the first digits of its id are enough.", valueName: "id"))
    var invocation: String?

    @Option(help: ArgumentHelp("Only this environment; the first digits of its id are enough.", valueName: "id"))
    var environment: String?

    @Option(help: ArgumentHelp("The most lines; by default 100, or 10 before those that follow.", valueName: "count"))
    var limit: Int?

    @Option(help: ArgumentHelp("Only lines that hold this text.", valueName: "text"))
    var filter: String?

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        let most = ControlParameters.longestReply
        if let limit, !(1...most).contains(limit) {
            throw ValidationError("--limit is \(limit); expected is a whole number from 1 to \(most).")
        }
        if filter?.isEmpty == true { throw ValidationError("--filter is empty; expected is a text.") }
    }

    func perform(on console: Console) throws -> CommandStatus {
        var wanted = LogFilter(function: name, invocation: invocation, environment: environment, text: filter)
        wanted.since = since?.time(before: console.now())
        wanted.limit = limit ?? (follow && since == nil ? 10 : LogFilter.usualLimit)
        let printer = LogPrinter(on: console, output.style, namesFunctions: name == nil)
        let client = connection.address.client(on: console)
        return try LogReading(client: client, printer: printer, filter: wanted).perform(follows: follow)
    }
}
