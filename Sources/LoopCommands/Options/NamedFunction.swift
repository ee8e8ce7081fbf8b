import ArgumentParser
import LoopModel

/// What commands about one function take.
struct NamedFunction: ParsableArguments {
    @Argument(help: "The function's name.", completion: .functions)
    var name: FunctionName

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func printer(on console: Console) -> ReportPrinter { ReportPrinter(on: console, connection, output) }
}
