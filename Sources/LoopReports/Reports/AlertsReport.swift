package import LoopModel

/// Findings of one cause, counted.
package struct AlertsReport: Report {
    /// Enough digits of a fingerprint to tell alerts apart; commands take any unambiguous prefix.
    private static let digits = 10

    package let name = "alerts"
    package let summary = "Findings of one cause, counted, with their state; the latest seen first."

    package init() {}

    package func document(for request: ReportRequest, from history: any HistoryReading) async throws -> ReportDocument {
        let alerts = try await history.alerts(matching: request.filter, states: request.alertStates)
        let states = Alert.State.allCases.filter(request.alertStates.contains).map(\.rawValue).joined(separator: " or ")
        return document(of: alerts, emptyNote: "No \(states) alert matches.")
    }

    /// The same document of alerts that the caller has already.
    package func document(of alerts: [Alert], emptyNote: String = "") -> ReportDocument {
        ReportDocument(
            schema: schema,
            title: "Alerts",
            sections: [
                ReportDocument.Section(
                    key: "alerts",
                    content: .table(columns: Self.columns, rows: alerts.map(Self.row)),
                    emptyNote: emptyNote
                )
            ]
        )
    }

    private static let columns = [
        ReportDocument.Column("fingerprint", "Alert"),
        ReportDocument.Column("state", "State"),
        ReportDocument.Column("severity", "Severity", rank: 2),
        ReportDocument.Column("rule", "Rule"),
        ReportDocument.Column("function", "Function", rank: 1),
        ReportDocument.Column("site", "Site"),
        ReportDocument.Column("count", "Count", isTrailing: true),
        ReportDocument.Column("firstSeen", "First seen", rank: 5),
        ReportDocument.Column("lastSeen", "Last seen", rank: 3),
        ReportDocument.Column("message", "Story", rank: 4),
        ReportDocument.Column("advice", "Fix", isHidden: true),
    ]

    private static func row(_ alert: Alert) -> [ReportDocument.Cell] {
        [
            .pair(shown: String(alert.fingerprint.prefix(digits)), .string(alert.fingerprint)),
            .state(alert.state),
            .severity(alert.severity),
            .text(alert.rule),
            .text(alert.function.rawValue),
            .line(alert.site),
            .integer(alert.count),
            .time(alert.firstSeen),
            .time(alert.lastSeen),
            .text(alert.message),
            .text(alert.advice),
        ]
    }
}
