package import LoopModel

/// Being written.
package struct FunctionsReport: Report {
    package let name = "functions"
    package let summary = "The functions that can be invoked."

    package init() {}

    package func document(
        for request: ReportRequest,
        from history: any HistoryReading
    ) async throws -> ReportDocument {
        ReportDocument(schema: schema, title: "", sections: [])
    }
}
