import LoopModel
import LoopReports

/// How output for people looks: its width, and whether it has colours.
struct Looks {
    /// In columns; 0: as wide as it gets.
    var width: Int
    var hasColour: Bool

    /// For a stream.
    ///
    /// - Parameters:
    ///   - console: says what the surroundings ask for (`COLUMNS`, `NO_COLOR`, `TERM`).
    ///   - terminalWidth: nil when the stream is no terminal; then there are no colours, and there is room for
    ///     everything.
    ///   - isPlain: whether the person asked for no colours.
    init(on console: Console, terminalWidth: Int?, isPlain: Bool) {
        let asked = console.environment["COLUMNS"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
        width = asked ?? terminalWidth ?? 0
        // NO_COLOR counts when it is there and not empty (no-color.org).
        let isForbidden = !(console.environment["NO_COLOR"] ?? "").isEmpty || console.environment["TERM"] == "dumb"
        hasColour = terminalWidth != nil && !isPlain && !isForbidden
    }

    /// For standard output.
    init(ofOutput console: Console, _ style: OutputStyle) {
        self.init(on: console, terminalWidth: console.outputWidth, isPlain: style.isPlain)
    }

    /// For standard error.
    init(ofErrors console: Console, _ style: OutputStyle = OutputStyle()) {
        self.init(on: console, terminalWidth: console.errorWidth, isPlain: style.isPlain)
    }

    var format: OutputFormat { .table(width: width, colour: hasColour) }

    /// The text, coloured if there are colours.
    func marked(_ text: String, _ mark: ReportDocument.Mark) -> String {
        guard hasColour else { return text }
        let code =
            switch mark {
            case .good: "32"
            case .bad: "31"
            case .caution: "33"
            case .quiet: "2"
            }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }
}
