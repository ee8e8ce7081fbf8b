import LoopCommands
import LoopModel
import LoopOS
import LoopWire

/// The time from a request to its answer over one kept connection, as a client sees it.
struct LatencyBenchmark {
    let socket: String
    let function: FunctionName
    let payload: [UInt8]
    let count: Int
    let isCold: Bool

    /// In nanoseconds.
    struct Figures {
        var minimum: Int64
        var median: Int64
        var percentile99: Int64
    }

    func run() throws -> Figures {
        let client = ControlClient(paths: [socket])
        var times: [Int64] = []
        times.reserveCapacity(count)
        for _ in 0..<count {
            let begun = MonotonicClock.nanoseconds()
            _ = try client.send(.invoke(function, isCold: isCold), event: payload)
            times.append(MonotonicClock.nanoseconds() - begun)
        }
        times.sort()
        return Figures(minimum: times[0], median: times[count / 2], percentile99: times[count * 99 / 100])
    }
}
