import ArgumentParser
import LoopModel
import LoopWire

struct InvokeCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "invoke",
        abstract: "Invokes a function and prints its result.",
        discussion: """
            The result goes to standard output; how it went, and what the rules found, to standard error. \
            Exits with 1 when the invocation failed.
            """
    )

    @Argument(help: "The function's name.", completion: .functions)
    var name: FunctionName

    @Option(
        help: ArgumentHelp("The event: JSON text, a file's path, or - for standard input.", valueName: "json"),
        completion: .file(extensions: ["json"])
    )
    var payload = PayloadArgument.empty

    @OptionGroup var sample: EventSourceOption

    @Flag(help: "Ask for a new environment even if a warm one is free.")
    var cold = false

    @Option(help: ArgumentHelp("Invoke it so many times, one after the other.", valueName: "number"))
    var count = 1

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard count >= 1 else { throw ValidationError("--count is \(count); expected is a whole number from 1.") }
        if sample.payload != nil, payload != .empty {
            throw ValidationError("Give either --payload or --event-source, not both.")
        }
    }

    var order: InvocationOrder {
        InvocationOrder(
            name: name,
            payload: sample.payload ?? payload,
            isCold: cold,
            count: count,
            style: output.style,
            address: connection.address
        )
    }

    func perform(on console: Console) throws -> CommandStatus { try order.perform(on: console) }
}
