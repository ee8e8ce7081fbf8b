// How a scenario says times and rates.

extension Duration {
    /// The longest that a simulation goes on: a year.
    private static let longestWritten = 365 * 86_400.0

    /// Reads `90` (seconds), `0.5s`, `200ms`, `15m`, `15min`, `2h`, `1d`, also with a blank before the unit.
    package init?(written text: String) {
        guard let (number, unit) = split(text), number >= 0, let scale = unit.isEmpty ? 1 : Self.units[unit],
            number * scale <= Self.longestWritten
        else { return nil }
        self = .nanoseconds(Int64((number * scale * 1e9).rounded()))
    }

    /// In seconds.
    fileprivate static let units: [Substring: Double] = [
        "ms": 0.001, "s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400,
    ]
}

/// How often something happens.
package struct Rate: Hashable, Sendable {
    package var perSecond: Double

    /// The most that makes sense on one machine.
    private static let most = 100_000.0

    /// Reads `2` (a second), `2/s`, `30/min`, `5/h`, `12/d`; nil for 0, and for more than 100,000 a second.
    package init?(_ text: String) {
        let halves = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = halves.first, let number = Double(first.spaceless) else { return nil }
        var seconds = 1.0
        if halves.count > 1 {
            let unit = halves[1].spaceless
            guard let scale = Duration.units[unit], unit != "ms" else { return nil }
            seconds = scale
        }
        perSecond = number / seconds
        guard perSecond > 0, perSecond <= Self.most else { return nil }
    }
}

/// A number and the word after it.
private func split(_ text: String) -> (number: Double, unit: Substring)? {
    let text = text[...].spaceless
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    guard let number = Double(digits) else { return nil }
    return (number, text.dropFirst(digits.count).spaceless)
}
