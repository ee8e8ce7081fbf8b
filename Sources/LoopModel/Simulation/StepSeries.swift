/// How many of something there are over time: a number that goes up and down by steps.
package struct StepSeries: Hashable, Sendable {
    private struct Step: Hashable {
        var at: Duration
        var level: Int
    }

    private var steps: [Step] = []

    package init() {}

    package private(set) var level = 0
    package private(set) var peak = 0

    /// Notes a change; what seems to be earlier than the last is at its time.
    package mutating func change(by difference: Int, at moment: Duration) {
        level += difference
        peak = max(peak, level)
        let moment = max(moment, steps.last?.at ?? .zero)
        if steps.last?.at == moment {
            steps[steps.count - 1].level = level
        } else {
            steps.append(Step(at: moment, level: level))
        }
    }

    /// The average over the time from 0 to `end`, each moment counting the same.
    package func mean(until end: Duration) -> Double {
        guard end > .zero else { return Double(level) }
        var sum = 0.0
        for (index, step) in steps.enumerated() where step.at < end {
            let next = index + 1 < steps.count ? min(steps[index + 1].at, end) : end
            sum += Double((next - step.at).nanoseconds) * Double(step.level)
        }
        return sum / Double(end.nanoseconds)
    }

    /// The most in each of so many equal stretches from 0 to `end`.
    package func peaks(in stretches: Int, until end: Duration) -> [Int] {
        guard stretches > 0, end > .zero else { return [] }
        let width = max(end.nanoseconds / Int64(stretches), 1)
        var peaks: [Int] = []
        var index = 0
        var level = 0
        for stretch in 0..<stretches {
            let limit = Int64(stretch + 1) * width
            let isLast = stretch == stretches - 1
            var most = level
            while index < steps.count, isLast || steps[index].at.nanoseconds < limit {
                // What ends as the stretch begins was not there in it.
                if steps[index].at.nanoseconds == limit - width, most == level { most = steps[index].level }
                level = steps[index].level
                most = max(most, level)
                index += 1
            }
            peaks.append(most)
        }
        return peaks
    }
}
