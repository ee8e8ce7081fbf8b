internal import LoopModel

/// Keeps a handler that cannot be loaded from being loaded again and again under load.
///
/// The first failures cost nothing, so that a person who mends a typing error never waits; then the pauses double.
struct InitBackOff: Sendable {
    /// How many failures in a row are tried again at once.
    static let freeFailures = 3
    static let shortestPause = Duration.milliseconds(50)
    static let longestPause = Duration.seconds(1)

    private var failures = 0
    /// When the next try may be; nil: at any time.
    private(set) var retryAt: Instant?

    /// Whether the last error is to be given again instead of another try.
    func isTooEarly(_ now: Instant) -> Bool { retryAt.map { now < $0 } ?? false }

    mutating func failed(now: Instant) {
        failures += 1
        guard failures > Self.freeFailures else { return }
        let doublings = min(failures - Self.freeFailures - 1, 10)
        retryAt = now + min(Self.shortestPause * (1 << doublings), Self.longestPause)
    }

    mutating func succeeded() { self = Self() }
}
