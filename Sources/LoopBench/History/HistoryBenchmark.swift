import LoopModel
import LoopOS
import LoopStore

/// A large history: how long it takes to open, what its reports take while it is idle and while it is written to, and
/// what deleting does to those who write.
struct HistoryBenchmark {
    let folder: String
    let events: Int
    /// Rows to delete while writing goes on; 0: none.
    let pruned: Int
    let rounds: Int
    /// Whether reports are asked with their options, too.
    let isThorough: Bool

    func run() async throws -> JSON {
        let path = "\(folder)/history-\(events).sqlite"
        var members: [JSON.Member] = [.init("events", JSON(events))]
        if FileStamp(path: path) == nil {
            let begun = MonotonicClock.nanoseconds()
            let (store, _) = try HistoryStore.open(at: path, options: HistoryGenerator.options)
            var generator = HistoryGenerator(store: store, events: events)
            try generator.run()
            try store.close()
            members.append(.init("generationNs", .int(MonotonicClock.nanoseconds() - begun)))
        }
        let begun = MonotonicClock.nanoseconds()
        let (store, _) = try HistoryStore.open(at: path, options: HistoryGenerator.options)
        members.append(.init("openNs", .int(MonotonicClock.nanoseconds() - begun)))
        let totals = try await store.totals()
        members.append(.init("invocations", JSON(totals.invocations)))
        members.append(.init("bytes", JSON(totals.databaseSize)))
        members.append(
            .init("bytesPerInvocation", .double(Double(totals.databaseSize) / Double(max(totals.invocations, 1))))
        )

        let times = ReportTimes(store: store)
        var questions = try await times.defaults()
        if isThorough { questions += try await times.narrowed(rare: FunctionName(sanitizing: "function-11")) }
        let idle = try await times.measure(questions, rounds: rounds)
        var busy: [(name: String, first: Int64, all: Spread)] = []
        // Each run's invocations are newer than all there are.
        let offset = HistoryGenerator.span.nanoseconds + MonotonicClock.nanoseconds()
        let writer = ConstantWriter(store: store, offset: offset)
        let written = try await writer.during { busy = try await times.measure(questions, rounds: rounds) }
        members.append(.init("writing", Self.json(of: written)))
        members.append(
            .init(
                "reports",
                .object(
                    zip(idle, busy).map { idle, busy in
                        .init(idle.name, ["first": .int(idle.first), "idle": idle.all.json, "writing": busy.all.json])
                    }
                )
            )
        )
        if pruned > 0 { members.append(.init("retention", try await prune(store))) }
        try store.close()
        return .object(members)
    }

    /// Deletes the oldest while one invocation after the other is stored.
    private func prune(_ store: HistoryStore) async throws -> JSON {
        let before = try await store.totals()
        var steps: [Int64] = []
        var rows = 0
        let writer = ConstantWriter(store: store, offset: 2 * HistoryGenerator.span.nanoseconds)
        let written = try await writer.during {
            while rows < pruned {
                let begun = MonotonicClock.nanoseconds()
                let deleted = try store.prune(
                    olderThan: HistoryGenerator.time(.max / 2),
                    maximumRows: HistoryStore.retentionStep
                )
                let taken = MonotonicClock.nanoseconds() - begun
                steps.append(taken)
                // As the daemon does.
                Pause.sleep(nanoseconds: taken)
                rows += deleted
                if deleted == 0 { break }
            }
        }
        let after = try await store.totals()
        return [
            "rows": JSON(rows), "steps": Spread(steps).json, "commits": Self.json(of: written),
            "bytesBefore": JSON(before.databaseSize), "bytesAfter": JSON(after.databaseSize),
            "fileBytes": .int(FileStamp(path: store.path)?.size ?? 0),
        ]
    }

    private static func json(of written: ConstantWriter.Figures) -> JSON {
        ["commits": written.commits.json, "largestLogBytes": JSON(written.largestLog)]
    }
}
