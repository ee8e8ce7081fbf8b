import LoopModel
import LoopOS
import LoopReports
import LoopWire

/// What `doctor` finds: what can be seen from here, and what the daemon says of itself when it runs.
struct ClientDiagnosis {
    private(set) var document = ReportDocument(schema: "loopwarden.doctor/1", title: "", sections: [])
    private(set) var status = CommandStatus.ok

    /// Rows of the columns that ``joined(with:)`` names.
    private var checks: [[ReportDocument.Cell]] = []

    init(printer: ReportPrinter) {
        for path in printer.client.paths { lookAtSocket(path) }
        var sections: [ReportDocument.Section] = []
        if greetDaemon(printer.client) { sections = daemonSections(printer) }
        document.sections = joined(with: sections)
    }

    private mutating func lookAtSocket(_ path: String) {
        if path.utf8.count > UnixSocket.longestPath {
            note("socket", .bad, "\(path) is longer than a socket's path can be", "Choose a shorter one.", .unavailable)
        } else {
            note("socket", .quiet, FileStamp(path: path) == nil ? "not there: \(path)" : "there: \(path)")
        }
    }

    /// Whether the daemon answers.
    private mutating func greetDaemon(_ client: ControlClient) -> Bool {
        let start = MonotonicClock.nanoseconds()
        do throws(CommandFailure) {
            let body = try client.send(.health)
            let reply = try? JSONReader.value(of: body)
            let time = Duration.nanoseconds(MonotonicClock.nanoseconds() - start).spoken
            note("daemon", .good, "answers at \(client.answeringPath ?? "") in \(time)")
            let version = reply?["version"]?.stringValue ?? "unknown"
            if version == loopwardenVersion {
                note("version", .good, "\(version), as this command")
            } else {
                let finding = "the daemon is \(version), this command is \(loopwardenVersion)"
                note("version", .caution, finding, "Restart the daemon after an update.")
            }
            return true
        } catch {
            note("daemon", .bad, error.description, error.hint, error.exit)
            note("interpreters, history, plugins", .quiet, "not looked at: the daemon does that")
            return false
        }
    }

    private mutating func daemonSections(_ printer: ReportPrinter) -> [ReportDocument.Section] {
        do throws(CommandFailure) {
            let sections = try printer.document(for: .doctor).sections
            if sections.contains(where: \.isBad), status == .ok { status = .configuration }
            return sections
        } catch {
            note("daemon's own checks", .bad, error.description, error.hint, error.exit)
            return []
        }
    }

    private mutating func note(
        _ name: String,
        _ mark: ReportDocument.Mark,
        _ finding: String,
        _ advice: String = "",
        _ failure: CommandStatus = .ok
    ) {
        let words: [ReportDocument.Mark: String] = [.good: "ok", .bad: "bad", .caution: "note", .quiet: "–"]
        checks.append([.text(name), .marked(words[mark] ?? "", mark), .text(finding), .text(advice)])
        if status == .ok { status = failure }
    }

    /// The daemon's checks follow those from here in the same table, if it has one like it.
    private func joined(with sections: [ReportDocument.Section]) -> [ReportDocument.Section] {
        let columns: [ReportDocument.Column] = [
            .init("check", "CHECK"), .init("state", "STATE"), .init("detail", "FOUND"), .init("advice", "ADVICE"),
        ]
        guard let first = sections.first, case .table(let others, let rows) = first.content,
            others.map(\.key) == columns.map(\.key)
        else { return [.init(key: "client", content: .table(columns: columns, rows: checks))] + sections }
        let all = ReportDocument.Content.table(columns: others, rows: checks + rows)
        return [.init(key: first.key, title: first.title, content: all)] + sections.dropFirst()
    }
}

extension ReportDocument.Section {
    /// Whether anything in it is marked as bad.
    fileprivate var isBad: Bool {
        let cells =
            switch content {
            case .table(_, let rows): rows.flatMap(\.self)
            case .fields(let fields): fields.map(\.cell)
            case .findings, .text: [ReportDocument.Cell]()
            }
        return cells.contains { if case .marked(_, .bad) = $0 { true } else { false } }
    }
}
