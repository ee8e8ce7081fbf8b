import LoopModel
import LoopOS
import LoopReports
import LoopStore

/// How long reports take, from the question to the text of their JSON.
struct ReportTimes {
    /// One question: a report, and what of it is wanted.
    struct Question {
        let name: String
        let report: any Report
        let request: ReportRequest
    }

    let store: HistoryStore

    /// Asks each question `rounds` times.
    ///
    /// - Returns: for each the first time, and how all are spread.
    func measure(_ questions: [Question], rounds: Int) async throws -> [(name: String, first: Int64, all: Spread)] {
        var figures: [(name: String, first: Int64, all: Spread)] = []
        for question in questions {
            var times: [Int64] = []
            for _ in 0..<rounds {
                let begun = MonotonicClock.nanoseconds()
                let document = try await question.report.document(for: question.request, from: store)
                _ = document.rendered(as: .json)
                times.append(MonotonicClock.nanoseconds() - begun)
                // A slow one shows itself at once.
                if times.reduce(0, +) > 3_000_000_000 { break }
            }
            figures.append((question.name, times.first ?? 0, Spread(times)))
        }
        return figures
    }

    /// Every report as it is asked without options.
    func defaults() async throws -> [Question] {
        let newest = try await store.invocations(matching: HistoryFilter(limit: 1)).first
        return [
            Question(name: "history", report: HistoryReport(), request: ReportRequest()),
            Question(
                name: "show",
                report: ShowReport(),
                request: ReportRequest(invocation: newest?.id.rawValue)
            ),
            Question(name: "loops", report: LoopsReport(), request: ReportRequest()),
            Question(name: "findings", report: FindingsReport(), request: ReportRequest()),
            Question(name: "alerts", report: AlertsReport(), request: ReportRequest()),
            Question(name: "status", report: StatusReport(), request: ReportRequest()),
            Question(name: "logs", report: LogsReport(), request: ReportRequest()),
        ]
    }

    /// Reports with their options, each alone; `rare` is a function with few invocations, and some ask for what there
    /// is none of.
    func narrowed(rare: FunctionName) async throws -> [Question] {
        let function = rare
        let nobody = FunctionName(sanitizing: "nobody")
        let week = WallTime(nanoseconds: HistoryGenerator.start.nanoseconds + 7 * 86_400_000_000_000)
        let old = try await store.invocations(matching: HistoryFilter(until: week, limit: 1)).first
        func history(_ name: String, _ change: (inout HistoryFilter) -> Void) -> Question {
            var filter = HistoryFilter()
            change(&filter)
            return Question(name: "history \(name)", report: HistoryReport(), request: ReportRequest(filter: filter))
        }
        func loops(_ name: String, _ state: LoopFilter, _ change: (inout HistoryFilter) -> Void = { _ in }) -> Question
        {
            var filter = HistoryFilter()
            change(&filter)
            return Question(
                name: "loops \(name)",
                report: LoopsReport(),
                request: ReportRequest(filter: filter, loops: state)
            )
        }
        func findings(_ name: String, _ change: (inout HistoryFilter) -> Void) -> Question {
            var filter = HistoryFilter()
            change(&filter)
            return Question(name: "findings \(name)", report: FindingsReport(), request: ReportRequest(filter: filter))
        }
        func logs(_ name: String, _ change: (inout LogFilter) -> Void) -> Question {
            var request = ReportRequest()
            change(&request.logs)
            return Question(name: "logs \(name)", report: LogsReport(), request: request)
        }
        return [
            history("--function rare") { $0.function = function },
            history("--function unknown") { $0.function = nobody },
            history("--outcome error") { $0.outcome = .error },
            history("--outcome timeout") { $0.outcome = .timeout },
            history("--outcome timeout --function") { ($0.outcome, $0.function) = (.timeout, function) },
            history("--outcome error --function") { ($0.outcome, $0.function) = (.error, function) },
            history("--outcome ok --function") { ($0.outcome, $0.function) = (.ok, function) },
            history("--cold") { $0.isCold = true },
            history("--cold --function") { ($0.isCold, $0.function) = (true, function) },
            history("--warm") { $0.isCold = false },
            history("--until week") { $0.until = week },
            history("--rule leaked-loop") { $0.rule = "leaked-loop" },
            history("--rule none") { $0.rule = "closed-loop-reuse" },
            history("--run none") { $0.run = RunName(stored: "monday") },
            loops("--function rare", .all) { $0.function = function },
            loops("--open", .open),
            loops("--leaked", .leaked),
            loops("--open --function other", .open) { $0.function = FunctionName(sanitizing: "function-2") },
            loops("--leaked --function other", .leaked) { $0.function = FunctionName(sanitizing: "function-2") },
            loops("--run none", .all) { $0.run = RunName(stored: "monday") },
            findings("--function rare") { $0.function = function },
            findings("--rule none") { $0.rule = "closed-loop-reuse" },
            findings("--outcome timeout") { $0.outcome = .timeout },
            findings("--run none") { $0.run = RunName(stored: "monday") },
            logs("--function rare") { $0.function = function },
            logs("--function unknown") { $0.function = nobody },
            logs("--until week") { $0.until = week },
            logs("--invocation old") { $0.invocation = old.map { String($0.id.rawValue.prefix(10)) } },
            logs("--invocation none") { $0.invocation = "zzzz" },
            logs("--environment old") { $0.environment = old?.environment.map { String($0.rawValue.prefix(10)) } },
        ]
    }
}
