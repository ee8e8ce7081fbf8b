package import LoopModel
internal import NIOCore

// A simulation passes over the time in which nothing goes on: the pools' clock is put forward, and so are the clocks of
// handlers that ask for it. While anything goes on, time passes as it does.

extension Runner {
    /// Whether nothing is under way: no environment starts, serves an invocation or ends, and no invocation waits.
    package var isQuiet: Bool {
        allPools.allSatisfy { pool in
            pool.waiting.isEmpty && pool.environments.values.allSatisfy { $0.state == .idle }
        }
    }

    /// Passes over a gap in which nothing is under way: up to an instant of the pools' clock, or to what a pool does
    /// before, which may set something going.
    ///
    /// - Returns: whether the instant has come.
    package func passOver(to instant: Instant) -> Bool {
        let now = clock.now()
        if let next = allPools.compactMap(\.machine.nextDue).filter({ $0 > now && $0 < instant }).min() {
            clock.skip(to: next)
        } else {
            clock.skip(to: instant)
        }
        alarm?.task.cancel()
        tick()
        return clock.now() >= instant
    }

    /// An invocation with the gap that was passed over since its environment was last heard of.
    ///
    /// An environment's clocks begin at its start: the handler must not believe that hours went by since it was loaded.
    func withGap(_ request: InvocationRequest, before environment: RunningEnvironment) -> InvocationRequest {
        let gap = clock.ahead - environment.clockAhead
        environment.clockAhead += gap
        guard environment.configuration.simulatesIdle, gap > .zero else { return request }
        var request = request
        request.idle += gap
        return request
    }
}
