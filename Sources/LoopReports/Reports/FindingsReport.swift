package import LoopModel

/// The latest findings.
package struct FindingsReport: Report {
    package let name = "findings"
    package let summary = "The latest findings, in a list and told in full."

    package init() {}

    package func document(for request: ReportRequest, from history: any HistoryReading) async throws -> ReportDocument {
        let records = try await history.findings(matching: request.filter)
        return ReportDocument(
            schema: schema,
            title: "Findings",
            sections: [
                ReportDocument.Section(
                    key: "recorded",
                    content: .table(columns: Self.columns, rows: records.map(Self.row)),
                    emptyNote: "No finding in the history matches."
                ),
                ReportDocument.Section(key: "findings", content: .findings(records.map(\.finding))),
            ]
        )
    }

    private static let columns = [
        ReportDocument.Column("at", "At", rank: 3),
        ReportDocument.Column("severity", "Severity"),
        ReportDocument.Column("rule", "Rule"),
        ReportDocument.Column("function", "Function", rank: 1),
        ReportDocument.Column("invocation", "Invocation", rank: 2),
        ReportDocument.Column("ordinal", "No.", isTrailing: true),
        ReportDocument.Column("site", "Site"),
        ReportDocument.Column("fingerprint", "Fingerprint", isHidden: true),
    ]

    private static func row(_ record: FindingRecord) -> [ReportDocument.Cell] {
        let finding = record.finding
        return [
            .time(record.at),
            .severity(finding.severity),
            .text(finding.rule),
            .text(finding.function.rawValue),
            finding.invocation.map(ReportDocument.Cell.id) ?? .none,
            finding.ordinal.map(ReportDocument.Cell.integer) ?? .none,
            .line(finding.site),
            .text(finding.fingerprint),
        ]
    }
}
