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
        case .none: return LogsReport().document(of: try await lines(matching: request.filter).lines)
        case .begin:
            let (lines, position) = try await lines(matching: request.filter, follows: true)
            return LogsReport().document(of: lines, position: position)
        case .after(let position, let wait):
            // A daemon that is to end does not wait for lines.
            let news = await cancelWhenGracefulShutdown {
                await recorder.live.news(after: position, matching: request.filter, wait: wait)
            }
            guard let news else { throw APIFailure.positionLost }
            return LogsReport().document(of: news.lines, position: news.position, missed: news.missed)
        }
    }

    private func lines(
        matching filter: LogFilter,
        follows: Bool = false
    ) async throws -> (lines: [LogLine], position: String) {
        let present = recorder.live.present(follows: follows)
        // What has ended by now is in the history by then.
        await recorder.flush()
        let past = try await store.logLines(matching: filter).filter(present.hasEnded)
        let lines = (past + present.lines.filter(filter.matches)).inOrder
        return (Array(lines.suffix(filter.limit)), present.position)
    }
}
