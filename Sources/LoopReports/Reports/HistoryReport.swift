package import LoopModel

/// The latest invocations.
package struct HistoryReport: Report {
    package let name = "history"
    package let summary = "The latest invocations, the newest first."

    package init() {}

    package func document(for request: ReportRequest, from history: any HistoryReading) async throws -> ReportDocument {
        let invocations = try await history.invocations(matching: request.filter)
        return ReportDocument(
            schema: schema,
            title: "Invocations",
            sections: [
                ReportDocument.Section(
                    key: "invocations",
                    content: .table(columns: Self.columns(for: invocations), rows: invocations.map(Self.row)),
                    emptyNote: "No invocation in the history matches."
                )
            ]
        )
    }

    /// Where no event was tried, nobody need see how often.
    private static func columns(for invocations: [InvocationRecord]) -> [ReportDocument.Column] {
        let isTried = invocations.contains { $0.attempt != nil }
        return columns + [ReportDocument.Column("attempt", "Attempt", isTrailing: true, isHidden: !isTried)]
    }

    private static let columns = [
        ReportDocument.Column("id", "Invocation"),
        ReportDocument.Column("function", "Function", rank: 1),
        ReportDocument.Column("requestedAt", "At"),
        ReportDocument.Column("start", "Start"),
        ReportDocument.Column("cause", "Cause", rank: 5),
        ReportDocument.Column("outcome", "Outcome"),
        ReportDocument.Column("durationNs", "Duration", isTrailing: true),
        ReportDocument.Column("initNs", "Init", isTrailing: true, rank: 4),
        ReportDocument.Column("frozenNs", "Frozen", isTrailing: true, rank: 3),
        ReportDocument.Column("queuedNs", "Queued", isHidden: true),
        ReportDocument.Column("environment", "Environment", rank: 7),
        ReportDocument.Column("ordinal", "No.", isTrailing: true, rank: 6),
        ReportDocument.Column("errorType", "Error type", isHidden: true),
        ReportDocument.Column("errorMessage", "Error"),
        ReportDocument.Column("requestBytes", "Request", isHidden: true),
        ReportDocument.Column("responseBytes", "Response", isHidden: true),
        ReportDocument.Column("peakMemoryBytes", "Memory", isHidden: true),
        ReportDocument.Column("exceededMemoryBytes", "Memory limit", isHidden: true),
        ReportDocument.Column("run", "Run", isHidden: true),
        ReportDocument.Column("requestId", "Request id", isHidden: true),
    ]

    private static func row(_ invocation: InvocationRecord) -> [ReportDocument.Cell] {
        [
            .id(invocation.id),
            .text(invocation.function.rawValue),
            .time(invocation.requestedAt),
            .start(of: invocation),
            .optional(invocation.cause?.rawValue),
            .outcome(invocation.outcome),
            .duration(invocation.duration),
            invocation.initialization.map(ReportDocument.Cell.duration) ?? .none,
            invocation.frozen.map(ReportDocument.Cell.duration) ?? .none,
            .duration(invocation.queued),
            invocation.environment.map(ReportDocument.Cell.id) ?? .none,
            invocation.ordinal.map(ReportDocument.Cell.integer) ?? .none,
            .optional(invocation.errorType),
            .error(of: invocation),
            .size(invocation.requestSize),
            .size(invocation.responseSize),
            invocation.peakMemory.map(ReportDocument.Cell.size) ?? .none,
            invocation.exceededMemory.map(ReportDocument.Cell.size) ?? .none,
            .optional(invocation.run?.rawValue),
            .optional(invocation.requestID?.rawValue ?? invocation.id.rawValue),
            invocation.attempt.map(ReportDocument.Cell.integer) ?? .none,
        ]
    }
}
