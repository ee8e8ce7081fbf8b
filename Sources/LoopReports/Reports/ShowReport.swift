package import LoopModel

/// Being written.
package struct ShowReport: Report {
    package let name = "show"
    package let summary = "One invocation with its timeline, its findings and the last of its output."

    package init() {}

    package func document(
        for request: ReportRequest,
        from history: any HistoryReading
    ) async throws -> ReportDocument {
        ReportDocument(schema: schema, title: "", sections: [])
    }
}
