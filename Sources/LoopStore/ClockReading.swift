internal import Foundation
package import LoopModel

/// One moment on both clocks.
package struct ClockReading: Hashable, Sendable {
    package var wall: WallTime
    package var monotonic: Instant

    package init(wall: WallTime, monotonic: Instant) {
        self.wall = wall
        self.monotonic = monotonic
    }

    /// Of the machine's clocks, now.
    @Sendable package static func system() -> Self {
        // Foundation's readings and not the system calls, which belong to LoopOS: the wall time is for people, so a
        // double's quarter of a microsecond is enough.
        Self(
            wall: WallTime(nanoseconds: Int64(Date().timeIntervalSince1970 * 1_000_000_000)),
            monotonic: Instant(nanoseconds: Int64(ProcessInfo.processInfo.systemUptime * 1_000_000_000))
        )
    }

    /// The calendar's time of an instant of this boot.
    package func wallTime(of instant: Instant) -> WallTime {
        WallTime(nanoseconds: wall.nanoseconds &+ (instant.nanoseconds &- monotonic.nanoseconds))
    }
}
