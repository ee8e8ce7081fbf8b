/// What a simulation does: which functions are invoked when, with what.
package struct Scenario: Sendable {
    package var functions: [FunctionConfiguration]
    package var streams: [ScenarioStream]
    /// Of simulated time.
    package var duration: Duration
    /// The same seed gives the same arrivals, payloads and cold starts.
    package var seed: UInt64
    /// What of the scenario's files is not simulated, in sentences.
    package var omissions: [String] = []

    package init(functions: [FunctionConfiguration], streams: [ScenarioStream], duration: Duration, seed: UInt64) {
        self.functions = functions
        self.streams = streams
        self.duration = duration
        self.seed = seed
    }

    /// Every invocation in the order in which they come in.
    package var arrivals: ScenarioArrivals { ScenarioArrivals(of: self) }
}

/// Invocations of one function that come in by one pattern.
package struct ScenarioStream: Sendable {
    package var function: FunctionName
    package var pattern: ArrivalPattern
    /// When it begins, counted from the simulation's beginning.
    package var from = Duration.zero
    /// Before when its last comes in; nil: it ends with the simulation.
    package var until: Duration?
    /// The most invocations; nil: as many as there are.
    package var count: Int?
    package var cold = ColdChoice.never
    /// What the invocations are given; none: the function's own sample, or `{}`.
    package var payloads: [WeightedPayload] = []
    /// Its own; nil: the scenario's.
    package var seed: UInt64?

    package init(function: FunctionName, pattern: ArrivalPattern) {
        self.function = function
        self.pattern = pattern
    }
}

/// An event, and how often it is given beside the others.
package struct WeightedPayload: Sendable {
    /// JSON.
    package var bytes: [UInt8]
    package var weight: Double

    package init(bytes: [UInt8], weight: Double) {
        self.bytes = bytes
        self.weight = weight
    }
}

/// Which invocations of a stream are made to be cold.
package enum ColdChoice: Hashable, Sendable {
    case never
    /// Every one whose number, counted from 1, can be divided by it.
    case every(Int)
    /// Each with this probability.
    case probability(Double)

    /// Reads `every 10th`, `10%`, `0.1`, `always` or `never`; nil when it is none of these.
    package init?(_ text: String) {
        let words = text.split(separator: " ")
        if words == ["always"] || words == ["true"] {
            self = .every(1)
        } else if words == ["never"] || words == ["false"] {
            self = .never
        } else if words.count == 2, words[0] == "every" {
            let digits = words[1].prefix { $0.isASCII && $0.isNumber }
            let ending = words[1].dropFirst(digits.count)
            guard let number = Int(digits), number > 0, ["", "st", "nd", "rd", "th"].contains(ending) else {
                return nil
            }
            self = .every(number)
        } else if words.count == 1, words[0].hasSuffix("%"), let share = Double(words[0].dropLast()) {
            guard (0...100).contains(share) else { return nil }
            self = .probability(share / 100)
        } else if words.count == 1, let share = Double(words[0]), (0...1).contains(share) {
            self = .probability(share)
        } else {
            return nil
        }
    }
}
