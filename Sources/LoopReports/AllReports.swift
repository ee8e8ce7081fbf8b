/// Every report.
package enum AllReports {
    package static let list: [any Report] = [
        HistoryReport(), ShowReport(), LoopsReport(), FindingsReport(), AlertsReport(), StatusReport(),
        FunctionsReport(), EnvironmentsReport(), LogsReport(), PreloadReport(),
    ]

    /// The names of all reports.
    package static var names: [String] { list.map(\.name) }

    /// The report of a name.
    ///
    /// - Throws: ``ReportFailure/unknownReport(_:)``.
    package static func report(named name: String) throws(ReportFailure) -> any Report {
        guard let report = list.first(where: { $0.name == name }) else { throw .unknownReport(name) }
        return report
    }
}
