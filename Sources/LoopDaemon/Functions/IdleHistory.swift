import LoopModel
import LoopRunner

/// What the history says of how long functions were idle between invocations: keep-alive policies that learn go on from
/// there when the daemon is started anew.
struct IdleHistory {
    /// Older invocations say little of what is to be expected.
    private static let mostInvocations = 2000

    let history: any HistoryReading
    let runner: Runner

    /// Tells the runner of the idle times of all functions whose policy learns.
    ///
    /// - Throws: what the history throws when it cannot be read.
    func recall() async throws {
        for function in await runner.functions where function.keepAlivePolicy != .fixed {
            let filter = HistoryFilter(function: function.name, limit: Self.mostInvocations)
            await runner.recall(
                function.name,
                idle: Self.idleTimes(of: try await history.invocations(matching: filter))
            )
        }
    }

    /// The times in which a function had no invocation between two, the oldest first.
    static func idleTimes(of invocations: [InvocationRecord]) -> [Duration] {
        var idle: [Duration] = []
        var end: Int64?
        // Those of simulations came when the scenario said.
        for invocation in invocations.sorted(by: { $0.requestedAt < $1.requestedAt }) where invocation.run == nil {
            guard invocation.outcome != nil, invocation.outcome != .rejected, invocation.outcome != .lost else {
                continue
            }
            let begin = invocation.requestedAt.nanoseconds
            let took = invocation.queued + (invocation.initialization ?? .zero) + invocation.duration
            if let end, begin > end { idle.append(.nanoseconds(begin - end)) }
            end = max(end ?? begin, begin + took.nanoseconds)
        }
        return idle
    }
}
