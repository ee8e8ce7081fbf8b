package import LoopModel

/// How the daemon is.
package struct StatusReport: Report {
    package let name = "status"
    package let summary = "How the daemon is, and how much history there is."

    package init() {}

    package func document(for request: ReportRequest, from history: any HistoryReading) async throws -> ReportDocument {
        let totals = try await history.totals()
        var sections = [
            ReportDocument.Section(key: "daemon", content: .fields(request.live.daemon)),
            ReportDocument.Section(
                key: "history",
                title: "History",
                content: .fields([
                    ReportDocument.Field("invocations", "Invocations", .integer(totals.invocations)),
                    ReportDocument.Field("environments", "Environments", .integer(totals.environments)),
                    ReportDocument.Field("loops", "Loops", .integer(totals.loops)),
                    ReportDocument.Field("events", "Events", .integer(totals.events)),
                    ReportDocument.Field("findings", "Findings", .integer(totals.findings)),
                    ReportDocument.Field("openAlerts", "Open alerts", .integer(totals.openAlerts)),
                    ReportDocument.Field("databaseBytes", "On disk", .size(totals.databaseSize)),
                ])
            ),
        ]
        if !request.live.environments.isEmpty {
            sections.append(EnvironmentsReport.section(of: request.live.environments, title: "Environments"))
        }
        if !request.live.provisioned.isEmpty {
            sections.append(Self.provisioned(request.live.provisioned))
        }
        sections.append(
            ReportDocument.Section(
                key: "troubles",
                title: request.live.troubles.isEmpty ? "" : "Troubles",
                content: .table(
                    columns: [ReportDocument.Column("trouble", "What works less well than it should")],
                    rows: request.live.troubles.map { [.marked($0, .caution)] }
                )
            )
        )
        return ReportDocument(schema: schema, title: "Loopwarden", sections: sections)
    }

    private static func provisioned(_ provisioned: [FunctionName: ProvisioningStatus]) -> ReportDocument.Section {
        ReportDocument.Section(
            key: "provisioned",
            title: "Provisioned environments",
            content: .table(
                columns: [
                    ReportDocument.Column("function", "Function"),
                    ReportDocument.Column("wanted", "Wanted", isTrailing: true),
                    ReportDocument.Column("available", "Ready", isTrailing: true),
                    ReportDocument.Column("state", "State"),
                    ReportDocument.Column("reason", "Reason"),
                ],
                rows: provisioned.sorted { $0.key < $1.key }.map { name, status in
                    [
                        .text(name.rawValue),
                        .integer(status.wanted),
                        .integer(status.available),
                        status.state == .failed
                            ? .marked(status.state.rawValue, .caution) : .text(status.state.rawValue),
                        .optional(status.reason),
                    ]
                }
            )
        )
    }
}
