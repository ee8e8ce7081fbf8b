import LoopModel
import LoopWire

/// What `invoke` was told to do.
struct InvocationOrder: Hashable, Sendable {
    var name: FunctionName
    var payload = PayloadArgument.empty
    var isCold = false
    var count = 1
    var style = OutputStyle()
    var address = DaemonAddress()

    /// Does it.
    ///
    /// - Returns: what the shell is told.
    func perform(on console: Console) throws(CommandFailure) -> CommandStatus {
        let event = try payload.read(on: console)
        let printer = ReportPrinter(on: console, client: address.client(on: console), style: style)
        var series = InvocationSeries(of: count, printer: printer)
        for _ in 0..<count {
            try series.add { () throws(CommandFailure) in
                try printer.client.send(.invoke(name, isCold: isCold), event: event)
            }
        }
        try series.finish()
        return series.failed == 0 ? .ok : .invocationFailed
    }
}
