import LoopModel
import LoopOS
import LoopRunner
import NIOCore

/// Makes a scenario's invocations, each when its time has come.
///
/// Time passes as it does while anything is under way; a gap in which nothing is, is passed over.
struct SimulationDriver: Sendable {
    private let scenario: Scenario
    private let run: RunName
    private let runner: EmbeddedRunner
    private let observer: SimulationObserver
    private let clock: PoolClock
    private let begin: Instant
    private let bell: Bell
    private let stop: SimulationStop
    private let inFlight = Locked(0)
    private let progress: @Sendable (Duration) -> Void
    /// When it was told last how far it is, in nanoseconds of the machine's clock.
    private let told = Locked<Int64>(0)

    /// - Parameters:
    ///   - scenario: what is done.
    ///   - run: by which the history knows it.
    ///   - runner: has the scenario's functions.
    ///   - observer: counts what happens.
    ///   - clock: the pools' own.
    ///   - begin: the simulation's beginning, by that clock.
    ///   - bell: rung when something has ended.
    ///   - stop: whether it is to end early.
    ///   - progress: told how far it is, in simulated time.
    init(
        _ scenario: Scenario,
        named run: RunName,
        on runner: EmbeddedRunner,
        _ observer: SimulationObserver,
        clock: PoolClock,
        begin: Instant,
        bell: Bell,
        stop: SimulationStop,
        progress: @escaping @Sendable (Duration) -> Void
    ) {
        self.scenario = scenario
        self.run = run
        self.runner = runner
        self.observer = observer
        self.clock = clock
        self.begin = begin
        self.bell = bell
        self.stop = stop
        self.progress = progress
    }

    /// Makes them all, or those whose time comes before somebody stops it.
    ///
    /// - Returns: how long it went on, in simulated time.
    func drive() async -> Duration {
        let payloads = scenario.streams.map { stream in
            let sample = scenario.functions.first { $0.name == stream.function }?.sampleEvent?.bytes
            let given = stream.payloads.isEmpty ? [sample ?? Array("{}".utf8)] : stream.payloads.map(\.bytes)
            return given.map { ByteBuffer(bytes: $0) }
        }
        await withDiscardingTaskGroup { group in
            for arrival in scenario.arrivals {
                guard await reach(begin + arrival.at) else { break }
                let request = InvocationRequest(
                    function: scenario.streams[arrival.stream].function,
                    payload: payloads[arrival.stream][arrival.payload ?? 0],
                    isCold: arrival.isCold,
                    measuresMemory: true,
                    run: run
                )
                inFlight.withLock { $0 += 1 }
                group.addTask { await make(request) }
            }
            _ = await reach(begin + scenario.duration)
            // What has come in in time may be answered later.
            while inFlight.withLock({ $0 }) > 0, !stop.isAsked { await wait(atMost: Self.patience) }
            if stop.isAsked { await runner.end(grace: .zero) }
        }
        return clock.now() - begin
    }

    /// Between two looks where nothing rings.
    private static let patience = Duration.seconds(1)

    /// Between two tellings of how far it is, in nanoseconds.
    private static let telling: Int64 = 100_000_000

    private func make(_ request: InvocationRequest) async {
        do throws(InvocationRejection) {
            let answer = try await runner.invoke(request)
            if let peak = answer.peakMemory { observer.note(peakMemory: peak, of: request.function) }
        } catch {
            // Counted by the observer, as all that ends.
        }
        let left = inFlight.withLock { count in
            count -= 1
            return count
        }
        if left == 0 { bell.ring() }
    }

    /// Waits until an instant of the simulation's clock has come.
    ///
    /// - Returns: whether it has; false when somebody stopped the simulation.
    private func reach(_ instant: Instant) async -> Bool {
        while !stop.isAsked {
            tell()
            let left = instant - clock.now()
            if left <= .zero { return true }
            let isIdle = inFlight.withLock { $0 == 0 }
            if isIdle, await runner.isQuiet {
                await runner.passOver(to: instant)
            } else {
                await wait(atMost: min(left, Self.patience))
            }
        }
        return false
    }

    /// Says how far it is, if it was not said just now.
    private func tell() {
        let now = MonotonicClock.nanoseconds()
        let isDue = told.withLock { told in
            guard now - told > Self.telling else { return false }
            told = now
            return true
        }
        if isDue { progress(min(clock.now() - begin, scenario.duration)) }
    }

    private func wait(atMost time: Duration) async {
        tell()
        let cancel = runner.ring(bell, after: time)
        await bell.heard()
        cancel()
    }
}

/// Whether somebody wants a simulation to end before its end.
package final class SimulationStop: Sendable {
    private let state = Locked<(isAsked: Bool, bell: Bell?)>((false, nil))

    package init() {}

    var isAsked: Bool { state.withLock(\.isAsked) }

    /// Asks for it.
    package func ask() {
        let bell = state.withLock { state in
            state.isAsked = true
            return state.bell
        }
        bell?.ring()
    }

    /// Names the bell that is rung when somebody asks.
    func use(_ bell: Bell) { state.withLock { $0.bell = bell } }
}
