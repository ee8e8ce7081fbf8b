package import LoopModel

/// Being written.
package struct AlertsReport: Report {
    package let name = "alerts"
    package let summary = "Findings of one cause, counted, with their state."

    package init() {}

    package func document(
        for request: ReportRequest,
        from history: any HistoryReading
    ) async throws -> ReportDocument {
        ReportDocument(schema: schema, title: "", sections: [])
    }
}
