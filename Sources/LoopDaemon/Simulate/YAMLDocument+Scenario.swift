import LoopModel

// What a scenario says in words of its own.

extension YAMLDocument {
    /// A time, as in `15m`.
    mutating func time(_ key: String, from least: Duration = .zero) -> Duration? {
        guard let found = text(key) else { return nil }
        if let time = Duration(written: found.value), time >= least { return time }
        let expected = "expected a time\(least > .zero ? " above 0" : ""), as in 200ms, 90s, 15m, 2h or 1d"
        report("\(expected), found \"\(found.value)\"", key: key, line: found.line)
        return nil
    }

    mutating func number(_ key: String, from least: Int, to most: Int? = nil) -> Int? {
        guard let found = text(key) else { return nil }
        if let number = Int(found.value), number >= least, number <= most ?? .max { return number }
        let expected = "expected a whole number from \(least)\(most.map { " to \($0)" } ?? "")"
        report("\(expected), found \"\(found.value)\"", key: key, line: found.line)
        return nil
    }

    mutating func name(_ key: String) -> FunctionName? {
        guard let found = text(key) else { return nil }
        if let name = FunctionName(rawValue: found.value) { return name }
        let expected = "expected letters, digits, \"-\" and \"_\", at most 64"
        report("\(expected), found \"\(found.value)\"", key: key, line: found.line)
        return nil
    }

    private mutating func rate() -> Double? {
        guard let found = text("rate") else {
            report("expected how many, as in 2/s or 30/min", key: "rate", line: line)
            return nil
        }
        if let rate = Rate(found.value) { return rate.perSecond }
        report("expected how many, as in 2/s, 30/min or 5/h, found \"\(found.value)\"", key: "rate", line: found.line)
        return nil
    }

    /// The patterns of arrivals but for a trace.
    mutating func patterns() -> [ArrivalPattern] {
        var patterns: [ArrivalPattern] = []
        section("constant") { entry in
            if let rate = entry.rate() { patterns.append(.constant(rate: rate)) }
        }
        section("poisson") { entry in
            if let rate = entry.rate() { patterns.append(.poisson(rate: rate)) }
        }
        section("burst") { entry in
            let size = entry.number("size", from: 1, to: 100_000)
            let every = entry.time("every", from: .milliseconds(1))
            if let size, let every { return patterns.append(.burst(size: size, every: every)) }
            guard entry.problems.isEmpty else { return }
            let expected = "expected size and every, as in burst: {size: 20, every: 15m}"
            entry.report(expected, key: size == nil ? "size" : "every", line: entry.line)
        }
        return patterns
    }
}
