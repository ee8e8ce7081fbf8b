import ArgumentParser

/// How the output looks.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print JSON for programs; its shape is a contract.")
    var json = false

    @Flag(help: "Print no colours; so does NO_COLOR.")
    var noColor = false

    var style: OutputStyle { OutputStyle(isJSON: json, isPlain: noColor) }
}
