import ArgumentParser
import LoopModel
import LoopOS
import LoopWire

extension FunctionsCommand {
    struct Add: Verb {
        static let configuration = CommandConfiguration(
            abstract: "Serves a plugin, now and after every restart of the daemon."
        )

        @Argument(help: "The plugin's folder, or a Python file.", completion: .file(extensions: ["py", "yaml"]))
        var path: String

        @OptionGroup var output: OutputOptions
        @OptionGroup var connection: ConnectionOptions

        func perform(on console: Console) throws -> CommandStatus {
            let absolute = try AbsolutePath(of: path).text
            try ReportPrinter(on: console, connection, output).print(.addFunction(path: absolute))
            return .ok
        }
    }

    struct Remove: Verb {
        static let configuration = CommandConfiguration(
            abstract: "Stops serving a function; its history is kept."
        )

        @OptionGroup var named: NamedFunction

        func perform(on console: Console) throws -> CommandStatus {
            let printer = named.printer(on: console)
            let reply = try printer.client.send(.removeFunction(named.name))
            guard !named.output.json else {
                try printer.printContract(reply)
                return .ok
            }
            console.say("\(named.name) is no longer served; its history is kept.")
            return .ok
        }
    }
}
