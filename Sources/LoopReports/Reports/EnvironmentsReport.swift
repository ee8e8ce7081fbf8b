package import LoopModel

/// The worker processes that there are.
package struct EnvironmentsReport: Report {
    package let name = "environments"
    package let summary = "The worker processes that there are now."

    package init() {}

    package func document(for request: ReportRequest, from history: any HistoryReading) async throws -> ReportDocument {
        let wanted = request.live.environments.filter {
            request.filter.function == nil || $0.function == request.filter.function
        }
        return ReportDocument(schema: schema, title: "Environments", sections: [Self.section(of: wanted)])
    }

    /// The table, which `status` has too.
    static func section(of environments: [EnvironmentRecord], title: String = "") -> ReportDocument.Section {
        ReportDocument.Section(
            key: "environments",
            title: title,
            content: .table(
                columns: [
                    ReportDocument.Column("id", "Environment"),
                    ReportDocument.Column("function", "Function"),
                    ReportDocument.Column("processID", "Process", isTrailing: true),
                    ReportDocument.Column("startedAt", "Started at", rank: 2),
                    ReportDocument.Column("cause", "Cause", rank: 3),
                    ReportDocument.Column("python", "Python"),
                    ReportDocument.Column("host", "Host", rank: 4),
                    ReportDocument.Column("loop", "Loop", rank: 5),
                    ReportDocument.Column("startMode", "Start mode", rank: 6),
                    ReportDocument.Column("disabledHooks", "Detections off", rank: 1),
                    ReportDocument.Column("descriptorLimit", "Descriptors", isHidden: true),
                    ReportDocument.Column("descriptorsAtReady", "At ready", isHidden: true),
                    ReportDocument.Column("endedAt", "Ended at", isHidden: true),
                    ReportDocument.Column("end", "End", isHidden: true),
                    ReportDocument.Column("predecessor", "Reset of", isHidden: true),
                    ReportDocument.Column("shutdownReason", "Shutdown", isHidden: true),
                ],
                rows: environments.sorted { $0.startedAt < $1.startedAt }.map(row)
            ),
            emptyNote: "There is none."
        )
    }

    private static func row(_ environment: EnvironmentRecord) -> [ReportDocument.Cell] {
        [
            .id(environment.id),
            .text(environment.function.rawValue),
            .known(Int(environment.processID)),
            .time(environment.startedAt),
            .text(environment.cause.rawValue),
            .text(environment.pythonVersion),
            .text(environment.host.rawValue),
            .text(environment.loop.rawValue),
            .text(environment.start.rawValue),
            .pair(
                shown: environment.disabledHooks.isEmpty ? "" : String(environment.disabledHooks.count),
                .array(environment.disabledHooks.map(JSON.string))
            ),
            .known(environment.descriptorLimit),
            .known(environment.descriptorsAtReady),
            environment.endedAt.map(ReportDocument.Cell.time) ?? .none,
            .optional(environment.end),
            .optional(environment.predecessor?.rawValue),
            .optional(environment.shutdownReason?.rawValue),
        ]
    }
}
