import LoopModel

/// When an environment stood still, before an invocation and after it.
struct FreezeTable {
    private let spans: [FreezeSpan]

    init(_ spans: [FreezeSpan]) { self.spans = spans }

    var section: ReportDocument.Section {
        ReportDocument.Section(
            key: "freezes",
            title: spans.isEmpty ? "" : "Frozen",
            content: .table(
                columns: [
                    ReportDocument.Column("afterInvocation", "After no.", isTrailing: true),
                    ReportDocument.Column("frozenAt", "Frozen at"),
                    ReportDocument.Column("thawedAt", "Thawed at"),
                    ReportDocument.Column("durationNs", "For", isTrailing: true),
                    ReportDocument.Column("processes", "Processes", isTrailing: true),
                    ReportDocument.Column("means", "By"),
                ],
                rows: spans.map(row)
            )
        )
    }

    private func row(_ span: FreezeSpan) -> [ReportDocument.Cell] {
        [
            span.following.map(ReportDocument.Cell.integer) ?? .none,
            .time(span.frozenAt),
            span.thawedAt.map(ReportDocument.Cell.time) ?? .none,
            span.duration.map(ReportDocument.Cell.duration) ?? .none,
            .integer(span.processes),
            .text(span.means.rawValue),
        ]
    }
}
