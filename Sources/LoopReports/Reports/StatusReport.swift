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
                    ReportDocument.Field("bytesPerInvocation", "Per invocation", Self.share(of: totals)),
                ])
            ),
        ]
        if !request.live.environments.isEmpty {
            sections.append(EnvironmentsReport.section(of: request.live.environments, title: "Environments"))
        }
        if !request.live.provisioned.isEmpty {
            sections.append(Self.provisioned(request.live.provisioned))
        }
        sections.append(Self.zygotes(request.live.zygotes))
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

    /// Below it, what the file takes up when it is empty says more than the invocations.
    private static let fewInvocations = 1000

    /// What the history takes up for an invocation with all that belongs to it.
    private static func share(of totals: HistoryTotals) -> ReportDocument.Cell {
        totals.invocations >= fewInvocations ? .size(totals.databaseSize / totals.invocations) : .none
    }

    private static func zygotes(_ zygotes: [ZygoteStatus]) -> ReportDocument.Section {
        ReportDocument.Section(
            key: "zygotes",
            title: zygotes.isEmpty ? "" : "What environments are forked from",
            content: .table(
                columns: [
                    ReportDocument.Column("interpreter", "Interpreter"),
                    ReportDocument.Column("preload", "Preloaded"),
                    ReportDocument.Column("state", "State"),
                    ReportDocument.Column("processID", "Process", isTrailing: true),
                    ReportDocument.Column("memoryBytes", "Memory", isTrailing: true),
                    ReportDocument.Column("forks", "Forks", isTrailing: true),
                    ReportDocument.Column("waiting", "Waiting", isTrailing: true),
                    ReportDocument.Column("waitingBytes", "Their memory", isTrailing: true),
                    ReportDocument.Column("replaced", "Replaced", isTrailing: true),
                    ReportDocument.Column("replacedAt", "Last"),
                    ReportDocument.Column("reason", "Reason"),
                ],
                rows: zygotes.map { zygote in
                    [
                        .text(zygote.interpreter),
                        .pair(
                            shown: zygote.preload.joined(separator: " "),
                            .array(zygote.preload.map(JSON.string))
                        ),
                        zygote.state == .refused
                            ? .marked(zygote.state.rawValue, .caution) : .text(zygote.state.rawValue),
                        zygote.processID.map { .integer(Int($0)) } ?? .none,
                        zygote.memory.map { .size($0) } ?? .none,
                        .integer(zygote.forks),
                        .integer(zygote.waiting.count),
                        zygote.waitingMemory.map { .size($0) } ?? .none,
                        .integer(zygote.replaced),
                        zygote.replacedAt.map { .time($0) } ?? .none,
                        .optional(zygote.reason),
                    ]
                }
            )
        )
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
