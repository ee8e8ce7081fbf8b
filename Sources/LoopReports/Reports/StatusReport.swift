package import LoopModel

/// Being written.
package struct StatusReport: Report {
    package let name = "status"
    package let summary = "How the daemon is, and how much history there is."

    package init() {}

    package func document(
        for request: ReportRequest,
        from history: any HistoryReading
    ) async throws -> ReportDocument {
        ReportDocument(schema: schema, title: "", sections: [])
    }
}
