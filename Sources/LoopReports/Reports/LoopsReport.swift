package import LoopModel

/// Event loops, one a row.
package struct LoopsReport: Report {
    package let name = "loops"
    package let summary = "Event loops and what became of them, the newest first."

    package init() {}

    package func document(for request: ReportRequest, from history: any HistoryReading) async throws -> ReportDocument {
        let loops = try await history.loops(matching: request.filter, state: request.loops)
        let what =
            switch request.loops {
            case .all: "loop"
            case .open: "open loop"
            case .leaked: "leaked loop"
            }
        return ReportDocument(
            schema: schema,
            title: "Event loops",
            sections: [
                ReportDocument.Section(
                    key: "loops",
                    content: .table(columns: Self.columns, rows: loops.map(Self.row)),
                    emptyNote: "No \(what) in the history matches."
                )
            ]
        )
    }

    private static let columns = [
        ReportDocument.Column("function", "Function"),
        ReportDocument.Column("environment", "Environment", rank: 9),
        ReportDocument.Column("loop", "Loop", isTrailing: true),
        ReportDocument.Column("state", "State"),
        ReportDocument.Column("createdAt", "Created at", rank: 8),
        ReportDocument.Column("createdIn", "In", rank: 1),
        ReportDocument.Column("created", "Created"),
        ReportDocument.Column("ran", "Ran", rank: 4),
        ReportDocument.Column("closed", "Closed", rank: 2),
        ReportDocument.Column("runs", "Runs", isTrailing: true, rank: 6),
        ReportDocument.Column("usesAfterClose", "Used closed", isTrailing: true, rank: 3),
        ReportDocument.Column("descriptors", "Descriptors", isTrailing: true, rank: 7),
        ReportDocument.Column("maker", "Made by", rank: 5),
        ReportDocument.Column("class", "Class", isHidden: true),
        ReportDocument.Column("leaked", "Leaked", isHidden: true),
        ReportDocument.Column("createdPhase", "Phase", isHidden: true),
        ReportDocument.Column("closedIn", "Closed in", isHidden: true),
    ]

    private static func row(_ loop: LoopRecord) -> [ReportDocument.Cell] {
        let state = loop.state
        return [
            .text(loop.function.rawValue),
            .id(loop.environment),
            .loop(state.serial),
            self.state(of: loop),
            .time(loop.createdAt),
            .pair(shown: state.created.told, JSON(state.created.ordinal)),
            .line(state.created.site?.line),
            .line(state.firstRan?.site?.line),
            .line(state.closed?.site?.line),
            .integer(state.runs),
            .pair(
                shown: state.usesAfterClose > 0 ? String(state.usesAfterClose) : "",
                .int(Int64(state.usesAfterClose))
            ),
            .integer(state.descriptors),
            .optional(maker(of: state)),
            .text(state.className),
            .flag(loop.isLeaked),
            .text(state.created.phase.name),
            state.closed?.ordinal.map(ReportDocument.Cell.integer) ?? .none,
        ]
    }

    private static func state(of loop: LoopRecord) -> ReportDocument.Cell {
        if loop.isLeaked { return .marked("leaked", .bad) }
        if loop.state.finalized != nil { return .marked("collected", .caution) }
        if loop.state.closed != nil { return .marked("closed", .quiet) }
        return .marked(loop.state.isRunning ? "running" : "open", .good)
    }

    private static func maker(of state: LoopState) -> String? {
        if state.isHosts { return "host" }
        if state.createdBy.contains(.byRunner) { return "Runner" }
        return state.createdBy.contains(.implicit) ? "get_event_loop" : nil
    }
}

extension Moment {
    /// `0`, `init`, `between`.
    fileprivate var told: String { ordinal.map(String.init) ?? phase.name }
}
