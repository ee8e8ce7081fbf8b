package import LoopModel

/// Being written.
package struct FindingsReport: Report {
    package let name = "findings"
    package let summary = "The latest findings, told in full."

    package init() {}

    package func document(
        for request: ReportRequest,
        from history: any HistoryReading
    ) async throws -> ReportDocument {
        ReportDocument(schema: schema, title: "", sections: [])
    }
}
