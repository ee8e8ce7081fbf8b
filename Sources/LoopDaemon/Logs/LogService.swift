import LoopModel
import LoopReports
import LoopRunner
import LoopStore
import LoopWire
import ServiceLifecycle

/// What the control API says of logs: the history's lines, and those of what has not ended.
struct LogService: Sendable {
    private let store: HistoryStore
    private let recorder: Recorder
    private let runner: Runner

    init(store: HistoryStore, recorder: Recorder, runner: Runner) {
        self.store = store
        self.recorder = recorder
        self.runner = runner
    }

    func answer(_ request: LogRequest) async throws -> ReportDocument {
        // One that was removed has its history still.
        if let function = request.filter.function, await runner.configuration(of: function) == nil,
            try await !store.knows(function)
        {
            throw APIFailure.unknownFunction(function)
        }
        switch request.stream {
        case .none: return LogsReport().document(of: try await excerpt(matching: request.filter).lines)
        case .begin:
            let (lines, position) = try await excerpt(matching: request.filter, follows: true)
            return LogsReport().document(of: lines, position: position)
        case .after(let position, let wait):
            // A daemon that is to end does not wait for lines.
            let news = await cancelWhenGracefulShutdown {
                await recorder.live.news(after: position, matching: request.filter, wait: wait)
            }
            guard let news else { throw APIFailure.positionLost }
            let excerpt = LogExcerpt(lines: news.lines)
            return LogsReport().document(of: excerpt, position: news.position, missed: news.missed)
        }
    }

    private func excerpt(
        matching filter: LogFilter,
        follows: Bool = false
    ) async throws -> (lines: LogExcerpt, position: String) {
        let present = recorder.live.present(follows: follows)
        // What has ended by now is in the history by then.
        await recorder.flush()
        var excerpt = try await store.logs(matching: filter)
        excerpt.lines = excerpt.lines.filter(present.hasEnded)
        // Who goes on with what is older has been told of the present.
        if filter.before == nil { excerpt.lines += present.lines.filter(filter.matches) }
        excerpt.lines = excerpt.lines.inOrder.suffix(filter.limit)
        return (excerpt, present.position)
    }
}
