import ArgumentParser
import LoopWire

/// What commands that change an alert take.
struct AlertChange: ParsableArguments {
    @Argument(help: "The alert's fingerprint, or the first digits of it, as \"alerts\" shows them.")
    var alert: String

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func print(_ request: ControlRequest, on console: Console) throws(CommandFailure) -> CommandStatus {
        try ReportPrinter(on: console, connection, output).print(request)
        return .ok
    }
}
