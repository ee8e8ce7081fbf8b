package import LoopModel

/// The lines of functions' logs, as AWS Lambda writes them.
package struct LogsReport: Report {
    package let name = "logs"
    package let summary = "The lines that functions and the platform have logged, in the order of time."

    package init() {}

    package func document(for request: ReportRequest, from history: any HistoryReading) async throws -> ReportDocument {
        document(of: try await history.logs(matching: request.logs))
    }

    /// The same document of lines that the caller has already, with what to ask for those that come next with, and
    /// how many passed by before they were asked for.
    package func document(of excerpt: LogExcerpt, position: String? = nil, missed: Int = 0) -> ReportDocument {
        ReportDocument(
            schema: schema,
            title: "Logs",
            sections: [
                ReportDocument.Section(
                    key: "lines",
                    content: .table(columns: Self.columns, rows: excerpt.lines.map(Self.row)),
                    emptyNote: "No line of a log matches."
                ),
                ReportDocument.Section(
                    key: "stream",
                    content: .fields([
                        ReportDocument.Field("position", "position", .optional(position)),
                        ReportDocument.Field("missed", "lines that passed by", .integer(missed)),
                        ReportDocument.Field("older", "not searched yet, before", .optional(excerpt.older?.text)),
                    ])
                ),
            ]
        )
    }

    private static let columns = [
        ReportDocument.Column("at", "At"),
        ReportDocument.Column("function", "Function", rank: 2),
        ReportDocument.Column("environment", "Environment", rank: 1),
        ReportDocument.Column("invocation", "Invocation", rank: 3),
        ReportDocument.Column("group", "Group", isHidden: true),
        ReportDocument.Column("stream", "Stream", isHidden: true),
        ReportDocument.Column("source", "Source", isHidden: true),
        ReportDocument.Column("text", "Line"),
    ]

    private static func row(_ line: LogLine) -> [ReportDocument.Cell] {
        [
            .time(line.at),
            .text(line.function.rawValue),
            line.environment.map(ReportDocument.Cell.id) ?? .none,
            line.invocation.map(ReportDocument.Cell.id) ?? .none,
            .text(line.function.logGroup),
            .optional(line.stream),
            .text(line.isPlatform ? "platform" : "function"),
            .text(line.text),
        ]
    }
}
