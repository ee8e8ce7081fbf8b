package import LoopModel

/// Being written.
package struct LoopsReport: Report {
    package let name = "loops"
    package let summary = "Event loops and what became of them."

    package init() {}

    package func document(
        for request: ReportRequest,
        from history: any HistoryReading
    ) async throws -> ReportDocument {
        ReportDocument(schema: schema, title: "", sections: [])
    }
}
