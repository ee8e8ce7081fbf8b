package import LoopModel

/// Being written.
package struct EnvironmentsReport: Report {
    package let name = "environments"
    package let summary = "The worker processes that there are now."

    package init() {}

    package func document(
        for request: ReportRequest,
        from history: any HistoryReading
    ) async throws -> ReportDocument {
        ReportDocument(schema: schema, title: "", sections: [])
    }
}
