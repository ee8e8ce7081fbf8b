/// How a person or program wants the output.
struct OutputStyle: Hashable, Sendable {
    /// JSON for programs.
    var isJSON = false
    /// No colours.
    var isPlain = false
}
