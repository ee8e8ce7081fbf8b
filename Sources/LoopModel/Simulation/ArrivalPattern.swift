/// How the invocations of a simulation's stream come in.
package enum ArrivalPattern: Hashable, Sendable {
    /// So many a second, at equal distances, the first at the beginning.
    case constant(rate: Double)
    /// So many a second on the average, each knowing nothing of the others.
    case poisson(rate: Double)
    /// So many at once, again and again, the first time at the beginning.
    case burst(size: Int, every: Duration)
    /// So many in each minute, spread over it at random.
    case counts([Int])

    /// How long it goes on by itself; nil: for ever.
    package var length: Duration? {
        if case .counts(let counts) = self { .seconds(60 * counts.count) } else { nil }
    }
}

/// The moments at which a stream's invocations come in, counted from its beginning; ascending, and as needed.
package struct ArrivalSequence: Sequence, IteratorProtocol, Sendable {
    private let pattern: ArrivalPattern
    private var generator: SeededGenerator
    /// How many came; for ``ArrivalPattern/counts(_:)``, how many of the minute under way.
    private var count = 0
    /// In seconds.
    private var last = 0.0
    private var minute = 0
    private var ofMinute: [Duration] = []

    package init(_ pattern: ArrivalPattern, seed: UInt64, stream: Int) {
        self.pattern = pattern
        generator = SeededGenerator(seed: seed, stream: stream)
    }

    package mutating func next() -> Duration? {
        switch pattern {
        case .constant(let rate):
            guard rate > 0 else { return nil }
            // Not added up, so that errors do not either.
            defer { count += 1 }
            return Self.seconds(Double(count) / rate)
        case .poisson(let rate):
            guard rate > 0 else { return nil }
            last += generator.exponential() / rate
            return Self.seconds(last)
        case .burst(let size, let every):
            guard size > 0 else { return nil }
            defer { count += 1 }
            let (nanoseconds, isTooFar) = every.nanoseconds.multipliedReportingOverflow(by: Int64(count / size))
            return isTooFar || (every <= .zero && count >= size) ? nil : .nanoseconds(nanoseconds)
        case .counts(let counts):
            while ofMinute.isEmpty {
                guard minute < counts.count else { return nil }
                let begin = Double(60 * minute)
                ofMinute = (0..<(counts[minute] > 0 ? counts[minute] : 0))
                    .map { _ in Self.seconds(begin + 60 * generator.uniform()) ?? .zero }
                    .sorted(by: >)
                minute += 1
            }
            return ofMinute.removeLast()
        }
    }

    /// nil for what is farther away than any simulation goes.
    private static func seconds(_ seconds: Double) -> Duration? {
        seconds.isFinite && seconds < 1e9 ? .nanoseconds(Int64(seconds * 1e9)) : nil
    }
}
