import ArgumentParser

/// How the output looks.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print JSON for programs; its shape is a contract.")
    var json = false

    @Flag(help: "Print no colours; so does NO_COLOR.")
    var noColor = false

    /// How standard output looks.
    func looks(on console: Console) -> Looks {
        Looks(on: console, terminalWidth: console.outputWidth, isPlain: noColor)
    }

    /// How standard error looks.
    func errorLooks(on console: Console) -> Looks {
        Looks(on: console, terminalWidth: console.errorWidth, isPlain: noColor)
    }
}
