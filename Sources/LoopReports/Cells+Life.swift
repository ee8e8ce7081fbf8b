import LoopModel

extension ReportDocument.Cell {
    /// Attempts to load a handler: `init: timeout after 10.0 s; invoke: ok after 12.3 ms`.
    static func inits(_ reports: [InitReport]) -> Self {
        guard !reports.isEmpty else { return .pair(shown: "", .array([])) }
        let shown = reports.map { report in
            let error = report.errorType.map { " (\($0))" } ?? ""
            let status = report.status == .success ? "ok" : report.status.rawValue
            return "\(report.phase.rawValue): \(status)\(error) after \(report.duration.spoken)"
        }
        return .pair(shown: shown.joined(separator: "; "), .array(reports.map(\.json)))
    }
}
