import LoopModel
import LoopReports
import LoopWire

/// Prints lines of logs: for people with time and environment, for programs an object a line.
struct LogPrinter {
    /// Enough to tell environments apart.
    private static let digits = 8

    private let console: Console
    private let looks: Looks
    private let isJSON: Bool
    private let namesFunctions: Bool

    init(on console: Console, _ style: OutputStyle, namesFunctions: Bool) {
        self.console = console
        self.namesFunctions = namesFunctions
        isJSON = style.isJSON
        looks = Looks(ofOutput: console, style)
    }

    func print(_ lines: [JSON]) throws(CommandFailure) {
        guard !lines.isEmpty else { return }
        let text = lines.map { (isJSON ? $0.text : shown($0)) + "\n" }.joined()
        try console.writeOutput(Array(text.utf8))
    }

    /// Says on standard error that there is nothing, so that nobody wonders.
    func sayNothing() { if !isJSON { console.say("No line of a log matches.") } }

    func say(_ text: String) { console.say("\(looks.marked("loopwarden:", .caution)) \(text)") }

    private func shown(_ line: JSON) -> String {
        var head = [line["at"]?.stringValue ?? ""]
        if namesFunctions { head.append(line["function"]?.stringValue ?? "") }
        if let environment = line["environment"]?.stringValue { head.append(String(environment.prefix(Self.digits))) }
        let mark = looks.marked(head.joined(separator: " "), .quiet)
        let body = text(line["text"]?.stringValue ?? "")
        return "\(mark) \(line["source"]?.stringValue == "platform" ? looks.marked(body, .quiet) : body)"
    }

    /// A traceback is one line of the log, with carriage returns in it; a terminal is shown nothing that it would obey.
    private func text(_ text: String) -> String {
        let lines = text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
        return console.outputWidth == nil ? lines : lines.visibleLines.joined(separator: "\n")
    }
}
