import LoopModel
import Testing

@testable import LoopDaemon

@Suite("Idle times in the history")
struct IdleHistoryTests {
    private func invocation(
        at seconds: Int64,
        took: Duration,
        queued: Duration = .zero,
        outcome: Outcome? = .ok
    ) throws -> InvocationRecord {
        var record = InvocationRecord(
            id: .random(),
            function: try #require(FunctionName(rawValue: "orders")),
            requestedAt: WallTime(nanoseconds: seconds * 1_000_000_000)
        )
        (record.duration, record.queued, record.outcome) = (took, queued, outcome)
        return record
    }

    @Test("are from the end of one invocation to the next, in whatever order they are read")
    func simple() throws {
        let invocations = [
            try invocation(at: 1000, took: .seconds(1)),
            try invocation(at: 10, took: .seconds(2), queued: .seconds(3)),
            try invocation(at: 100, took: .seconds(10)),
        ]
        #expect(IdleHistory.idleTimes(of: invocations) == [.seconds(85), .seconds(890)])
    }

    @Test("are none while any invocation runs")
    func overlapping() throws {
        let invocations = [
            try invocation(at: 0, took: .seconds(100)),
            try invocation(at: 10, took: .seconds(1)),
            try invocation(at: 50, took: .seconds(1)),
            try invocation(at: 160, took: .seconds(1)),
        ]
        #expect(IdleHistory.idleTimes(of: invocations) == [.seconds(60)])
    }

    @Test("pass over what never ran and what is not known to have ended", arguments: [Outcome.rejected, .lost, nil])
    func others(outcome: Outcome?) throws {
        let invocations = [
            try invocation(at: 0, took: .zero),
            try invocation(at: 10, took: .zero, outcome: outcome),
            try invocation(at: 30, took: .zero),
        ]
        #expect(IdleHistory.idleTimes(of: invocations) == [.seconds(30)])
    }

    @Test("pass over simulations, which come when the scenario says")
    func simulations() throws {
        var simulated = try invocation(at: 10, took: .zero)
        simulated.run = RunName(stored: "monday")
        #expect(IdleHistory.idleTimes(of: [try invocation(at: 0, took: .zero), simulated]).isEmpty)
    }
}
