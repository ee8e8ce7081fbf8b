package import LoopModel

/// Being written.
package struct HistoryReport: Report {
    package let name = "history"
    package let summary = "The latest invocations, the newest first."

    package init() {}

    package func document(
        for request: ReportRequest,
        from history: any HistoryReading
    ) async throws -> ReportDocument {
        ReportDocument(schema: schema, title: "", sections: [])
    }
}
