/// Percentiles of durations, by the nearest rank: each is one that was measured.
package struct Percentiles: Hashable, Sendable {
    package let count: Int
    package let p50: Duration
    package let p90: Duration
    package let p99: Duration
    package let longest: Duration

    /// nil of none.
    package init?(of durations: [Duration]) {
        let sorted = durations.sorted()
        guard let longest = sorted.last else { return nil }
        func rank(_ hundredths: Int) -> Duration { sorted[max((sorted.count * hundredths + 99) / 100, 1) - 1] }
        count = sorted.count
        (p50, p90, p99) = (rank(50), rank(90), rank(99))
        self.longest = longest
    }
}
