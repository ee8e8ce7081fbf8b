import LoopModel
import LoopOS

/// The same request again and again, over one connection or several at once: how long each takes, and how many a second.
struct LoadBenchmark: Sendable {
    /// Where to connect to; connections take turns.
    let sockets: [String]
    let request: [UInt8]
    let framing: LightConnection.Framing
    /// What a reply must contain.
    let expected: [UInt8]
    let connections: Int
    /// Of all connections together.
    let count: Int
    /// Of each connection, unmeasured.
    let warmUp: Int
    /// Before each request that is measured, in nanoseconds.
    let rest: Int64

    /// - Throws: when a connection cannot be made or ends.
    func run() throws -> LoadFigures {
        let state = Locked(State(waiting: connections, left: count))
        let threads = try (0..<connections).map { index in
            try PosixThread.start(named: "client \(index)") {
                do {
                    try serve(index, state)
                } catch {
                    state.withLock {
                        $0.failure = $0.failure ?? BenchmarkFailure("\(error)")
                        $0.left = 0
                        $0.waiting = 0
                    }
                }
            }
        }
        threads.forEach(PosixThread.join)
        let end = state.withLock { $0 }
        if let failure = end.failure { throw failure }
        return LoadFigures(times: end.times, errors: end.errors, seconds: Double(end.ended - end.begun) / 1e9)
    }

    private struct State {
        /// Connections that are not warm yet.
        var waiting: Int
        /// Requests that nobody has taken yet.
        var left: Int
        var begun = Int64.max
        var ended: Int64 = 0
        var times: [Int64] = []
        var errors = 0
        var failure: BenchmarkFailure?
    }

    private func serve(_ index: Int, _ state: Locked<State>) throws {
        let connection = try LightConnection(path: sockets[index % sockets.count], framing: framing)
        for _ in 0..<warmUp { _ = try connection.reply(to: request) }
        var times: [Int64] = []
        times.reserveCapacity(count)
        var errors = 0
        state.withLock { $0.waiting -= 1 }
        while state.withLock({ $0.waiting > 0 }) { Pause.sleep(nanoseconds: 50_000) }
        let begun = MonotonicClock.nanoseconds()
        while take(from: state) {
            Pause.sleep(nanoseconds: rest)
            let sent = MonotonicClock.nanoseconds()
            let reply = try connection.reply(to: request)
            times.append(MonotonicClock.nanoseconds() - sent)
            if !isExpected(reply) { errors += 1 }
        }
        let ended = MonotonicClock.nanoseconds()
        state.withLock {
            $0.begun = min($0.begun, begun)
            $0.ended = max($0.ended, ended)
            $0.times += times
            $0.errors += errors
        }
    }

    private func take(from state: Locked<State>) -> Bool {
        state.withLock {
            guard $0.left > 0 else { return false }
            $0.left -= 1
            return true
        }
    }

    private func isExpected(_ reply: UnsafeRawBufferPointer?) -> Bool {
        guard let reply else { return false }
        return expected.isEmpty || reply.firstOffset(of: expected) != nil
    }
}

/// What came of a load; times are in nanoseconds.
struct LoadFigures {
    /// Of each request, in order of length.
    let times: [Int64]
    /// Replies that were not as expected.
    let errors: Int
    let seconds: Double

    init(times: [Int64], errors: Int, seconds: Double) {
        self.times = times.sorted()
        self.errors = errors
        self.seconds = seconds
    }

    /// By the nearest rank; 0 when nothing was measured.
    func percentile(_ share: Int) -> Int64 {
        times.isEmpty ? 0 : times[min(times.count * share / 100, times.count - 1)]
    }

    var json: JSON {
        [
            "count": .int(Int64(times.count)), "errors": .int(Int64(errors)), "seconds": .double(seconds),
            "perSecond": .double(seconds > 0 ? Double(times.count) / seconds : 0),
            "min": .int(times.first ?? 0), "p50": .int(percentile(50)), "p90": .int(percentile(90)),
            "p99": .int(percentile(99)), "max": .int(times.last ?? 0),
        ]
    }
}
