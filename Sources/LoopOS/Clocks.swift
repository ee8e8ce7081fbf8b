internal import Glibc

/// The machine's monotonic clock (CLOCK_MONOTONIC): the same in every process, never set back.
package enum MonotonicClock {
    /// In nanoseconds since an arbitrary instant, the boot on Linux.
    package static func nanoseconds() -> Int64 { read(CLOCK_MONOTONIC) }
}

/// The calendar's clock (CLOCK_REALTIME); may jump, so durations never come from it.
package enum WallClock {
    /// In nanoseconds since 1970-01-01 UTC.
    package static func nanoseconds() -> Int64 { read(CLOCK_REALTIME) }
}

private func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
}
