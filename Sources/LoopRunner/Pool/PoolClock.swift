package import LoopModel
internal import LoopOS

/// What the pools take for the time: the machine's clock, ahead of it by the gaps that a simulation has passed over.
///
/// Keep-alive and whatever else a pool decides by time follow it. Deadlines of what really runs (an invocation's time
/// limit, a teardown's steps) are of the machine's own clock, so that passing over a gap cuts nothing off.
package final class PoolClock: Sendable {
    private let skipped = Locked(Duration.zero)

    package init() {}

    package func now() -> Instant { Runner.now() + ahead }

    /// How much has been passed over.
    package var ahead: Duration { skipped.withLock(\.self) }

    /// Passes over what is missing to an instant of this clock; does nothing when that is past.
    package func skip(to instant: Instant) {
        skipped.withLock { skipped in skipped += max(instant - (Runner.now() + skipped), .zero) }
    }

    /// When the machine's clock will show that an instant of this one has come, if nothing more is passed over.
    func machineTime(of instant: Instant) -> Instant {
        Instant(nanoseconds: instant.nanoseconds - ahead.nanoseconds)
    }
}
