internal import LoopModel

/// The hybrid histogram policy of “Serverless in the Wild” (Shahrad et al., USENIX ATC 2020, §4.2).
///
/// A histogram of the function's idle times says when the next invocation is to be expected: not before its head, and
/// not after its tail. Between the two an environment is kept; before the head none is, where that is worth it. As long
/// as the histogram does not say much, environments are kept for the function's keep-alive time.
///
/// The paper's third part is left out: it forecasts, by ARIMA, functions that come too seldom for the histogram. There a
/// cold start costs little in all, and a model of few numbers would say little; the keep-alive time stands in for it.
package struct HistogramKeepAlive: KeepAlivePolicy {
    package static let name = "histogram"
    /// The defaults are the paper's, but for ``minimum``, of which it gives no number.
    package static let options = [
        KeepAliveOption("bin", "seconds", in: 0.01...3600, standard: 60),
        KeepAliveOption("range", "seconds", in: 0.1...604_800, standard: 14_400),
        KeepAliveOption("head", "percent", in: 0...50, standard: 5),
        KeepAliveOption("tail", "percent", in: 50...100, standard: 99),
        KeepAliveOption("margin", "percent", in: 0...100, standard: 10),
        KeepAliveOption("variation", "a number", in: 0...1000, standard: 2),
        KeepAliveOption("outOfRange", "percent", in: 0...100, standard: 50),
        KeepAliveOption("minimum", "idle times", in: 1...1_000_000, standard: 10),
    ]
    private static let mostBins = 10_000

    package static func objection(to options: KeepAliveOptions) -> String? {
        let bins = options["range"] / options["bin"]
        if bins < 2 { return "range must be at least twice as long as bin" }
        return bins > Double(mostBins) ? "range must be at most \(mostBins) times as long as bin" : nil
    }

    private let options: KeepAliveOptions
    private let bin: Duration
    private let fallback: KeepAliveWindows
    private var counts: [Int]
    /// Of ``counts``.
    private var total = 0
    /// The squares of ``counts``, added up.
    private var squares = 0
    /// Idle times that were longer than the histogram.
    private var outOfRange = 0

    /// Worked out when something was learnt: it is asked for far more often.
    package private(set) var windows: KeepAliveWindows

    package init(_ options: KeepAliveOptions, time: Duration) {
        self.options = options
        bin = options.seconds("bin")
        counts = Array(repeating: 0, count: min(max(Int(options["range"] / options["bin"]), 1), Self.mostBins))
        fallback = KeepAliveWindows(keepAlive: time)
        windows = fallback
    }

    package mutating func observe(idle: Duration) {
        let index = max(idle, .zero).nanoseconds / max(bin.nanoseconds, 1)
        if index < counts.count {
            // (n + 1)² is n² and 2n + 1.
            squares += 2 * counts[Int(index)] + 1
            counts[Int(index)] += 1
            total += 1
        } else {
            outOfRange += 1
        }
        windows = isRepresentative ? predicted : fallback
    }

    /// Whether the histogram says when the next invocation is to be expected.
    package var isRepresentative: Bool {
        let all = total + outOfRange
        guard total > 0, all >= Int(options["minimum"]),
            Double(outOfRange) <= Double(all) * options["outOfRange"] / 100
        else { return false }
        return variation >= options["variation"]
    }

    /// The coefficient of variation of the bins' counts: high where few bins have all, 0 where all have the same.
    package var variation: Double {
        let mean = Double(total) / Double(counts.count)
        guard mean > 0 else { return 0 }
        let variance = max(Double(squares) / Double(counts.count) - mean * mean, 0)
        return variance.squareRoot() / mean
    }

    private var predicted: KeepAliveWindows {
        let margin = options["margin"] / 100
        // The head is rounded down to the beginning of its bin, the tail up to the end of its own.
        let head = bin * bin(of: options["head"])
        let tail = bin * (bin(of: options["tail"]) + 1)
        let preWarming = Self.scaled(head, by: 1 - margin)
        return KeepAliveWindows(preWarming: preWarming, keepAlive: Self.scaled(tail, by: 1 + margin) - preWarming)
    }

    private static func scaled(_ time: Duration, by factor: Double) -> Duration {
        .nanoseconds(Int64((Double(time.nanoseconds) * factor).rounded()))
    }

    /// The first bin up to which so many percent of the idle times lie.
    private func bin(of percent: Double) -> Int {
        let wanted = max(Double(total) * percent / 100, 1)
        var seen = 0
        for (index, count) in counts.enumerated() {
            seen += count
            if Double(seen) >= wanted { return index }
        }
        return counts.count - 1
    }
}
