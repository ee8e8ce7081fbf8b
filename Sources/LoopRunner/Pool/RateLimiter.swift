internal import LoopModel

/// A token bucket that is full at first and fills evenly: so many in a period, all of them at once if they come so.
///
/// Kept as the instant at which it will be full again, which needs no rounding (the generic cell rate algorithm).
struct RateLimiter: Hashable, Sendable {
    /// Between two tokens, in nanoseconds.
    private let interval: Int64
    /// How far ahead of now ``full`` may be for one more to be taken, in nanoseconds.
    private let tolerance: Int64
    private var full = Instant(nanoseconds: .min / 2)

    /// - Parameters:
    ///   - count: how many in a period; at least 1.
    ///   - period: at least a nanosecond for each.
    init(_ count: Int, per period: Duration) {
        interval = max(period.nanoseconds / Int64(max(count, 1)), 1)
        tolerance = interval * Int64(max(count, 1) - 1)
    }

    /// The earliest instant at which there is one.
    var nextToken: Instant { Instant(nanoseconds: full.nanoseconds - tolerance) }

    /// Takes one, if there is one.
    mutating func take(at now: Instant) -> Bool {
        guard nextToken <= now else { return false }
        full = Instant(nanoseconds: max(full, now).nanoseconds + interval)
        return true
    }
}
