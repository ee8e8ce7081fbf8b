import LoopModel
import LoopReports
import LoopWire

/// Asks the daemon for a report and prints it: as the daemon's own JSON, or as a table made here, where the terminal is.
struct ReportPrinter {
    let console: Console
    let client: ControlClient
    let style: OutputStyle

    init(on console: Console, client: ControlClient, style: OutputStyle) {
        self.console = console
        self.client = client
        self.style = style
    }

    init(on console: Console, _ connection: ConnectionOptions, _ output: OutputOptions) {
        self.init(on: console, client: connection.address.client(on: console), style: output.style)
    }

    /// Asks and prints.
    func print(_ request: ControlRequest) throws(CommandFailure) {
        guard !style.isJSON else { return try printContract(client.send(request)) }
        try print(try document(for: request))
    }

    /// Asks for a document.
    func document(for request: ControlRequest) throws(CommandFailure) -> ReportDocument {
        let bytes = try client.send(request, form: .document)
        do throws(ReportFailure) {
            return try DocumentCoding.decode(bytes)
        } catch {
            throw .notUnderstood("\(error)")
        }
    }

    /// Prints a document in the form that was asked for.
    func print(_ document: ReportDocument) throws(CommandFailure) {
        let format = style.isJSON ? OutputFormat.json : Looks(ofOutput: console, style).format
        try printContract(Array(document.rendered(as: format, for: reader(of: document)).utf8))
    }

    /// Prints what ends with a line feed or shall.
    func printContract(_ bytes: [UInt8]) throws(CommandFailure) {
        try console.writeOutput(bytes.last == UInt8(ascii: "\n") ? bytes : bytes + [UInt8(ascii: "\n")])
    }

    /// Who reads the tables: somebody with a time zone and, mostly, with the functions' files.
    func reader(of document: ReportDocument) -> Reader {
        // Only findings show code, so that other reports cost one request and not two.
        let hasFindings = document.sections.contains { section in
            if case .findings(let findings) = section.content { !findings.isEmpty } else { false }
        }
        let sources = hasFindings && !style.isJSON ? SourceLines(askedOf: client) : SourceLines(roots: [:])
        return Reader(utcOffset: console.utcOffset, source: { sources.line(of: $0, at: $1) })
    }
}
