/// One thing that happens to the environments of a checked function.
package struct CheckStep: Hashable, Sendable {
    package var action: Action
    /// Which of the events its invocations get, counted from 1; nil: the only one there is, or the next.
    package var event: Int?

    package init(_ action: Action, event: Int? = nil) {
        self.action = action
        self.event = event
    }

    package static let cold = Self(.cold)
    package static let warm = Self(.warm)

    package enum Action: Hashable, Sendable {
        /// An invocation in a new environment; those there are end before.
        case cold
        /// An invocation in each environment there is, one after the other.
        case warm
        /// As ``warm``, and what the handler waits for at that suspension, counted from 1, fails.
        case exception(at: Int)
        /// As ``warm``, and the handler is cancelled at that suspension, counted from 1.
        case cancellation(at: Int)
        /// As ``warm``, and what the handler waits for never comes: time runs out, and the environment is reset.
        case timeout
        /// Stops the environments' processes for so long.
        case freeze(Duration)
        /// Lets so much time seem to pass before the next invocation.
        case idle(Duration)
        /// Two environments at once: one is started beside the one there is, and each gets an invocation.
        case parallel
        /// Asks the environments to end, by SIGTERM, and ends those that do not.
        case shutdown
    }

    /// Where nothing else is said: long enough for time limits of some 100 ms to run out unseen.
    package static let freezing = Duration.milliseconds(200)
    /// Where nothing else is said: about as long as AWS Lambda keeps an idle environment at least (facts: lambda §3).
    package static let idling = Duration.seconds(600)

    /// Whether the handler is invoked.
    package var isInvocation: Bool {
        switch action {
        case .cold, .warm, .exception, .cancellation, .timeout, .parallel: true
        case .freeze, .idle, .shutdown: false
        }
    }

    /// What is done to the invocation on purpose; nil: nothing.
    package var fault: InvocationFault? {
        switch action {
        case .exception(let suspension): InvocationFault(.exception, at: suspension)
        case .cancellation(let suspension): InvocationFault(.cancellation, at: suspension)
        case .timeout: InvocationFault(.hang)
        case .cold, .warm, .freeze, .idle, .parallel, .shutdown: nil
        }
    }
}

extension CheckStep: CustomStringConvertible {
    /// As it is typed: `exception@2`, `freeze=2s`, `warm#3`.
    package var description: String { word + (event.map { "#\($0)" } ?? "") }

    private var word: String {
        switch action {
        case .cold: "cold"
        case .warm: "warm"
        case .exception(let suspension): "exception@\(suspension)"
        case .cancellation(let suspension): "cancel@\(suspension)"
        case .timeout: "timeout"
        case .freeze(let time): time == Self.freezing ? "freeze" : "freeze=\(Self.text(of: time))"
        case .idle(let time): time == Self.idling ? "idle" : "idle=\(Self.text(of: time))"
        case .parallel: "parallel"
        case .shutdown: "shutdown"
        }
    }

    /// What can be typed, for help and errors.
    package static let words = [
        "cold", "warm", "exception@1", "cancel@1", "timeout", "freeze", "idle", "parallel", "shutdown",
    ]

    /// The longest that a step may take, or pretend to take: a year.
    private static let longest = Duration.seconds(365 * 86_400)
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1000), ("min", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]

    private static func text(of time: Duration) -> String {
        let milliseconds = time.nanoseconds / 1_000_000
        let unit = units.last { milliseconds % $0.milliseconds == 0 && milliseconds >= $0.milliseconds } ?? units[0]
        return "\(milliseconds / unit.milliseconds)\(unit.name)"
    }

    private static func time(_ text: Substring) -> Duration? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count)
        guard let count = Int64(digits), count > 0,
            let scale = units.first(where: { $0.name == unit || (unit == "m" && $0.name == "min") })
        else { return nil }
        let (milliseconds, isTooMuch) = count.multipliedReportingOverflow(by: scale.milliseconds)
        let time = Duration.milliseconds(milliseconds)
        return isTooMuch || time > longest ? nil : time
    }

    /// Reads one step, which may stand for several of its kind: `warm×3`.
    ///
    /// - Throws: ``CheckScheduleFailure`` with what is wrong with it.
    static func steps(_ text: Substring) throws(CheckScheduleFailure) -> [Self] {
        let whole = String(text)
        var rest = text
        var times = 1
        if let sign = rest.lastIndex(where: { $0 == "×" || $0 == "*" }) {
            let most = CheckSchedule.mostSteps
            guard let number = Int(rest[rest.index(after: sign)...].spaceless), (1...most).contains(number) else {
                throw .badStep(whole, expected: "a number from 1 to \(most) after ×: how often")
            }
            times = number
            rest = rest[..<sign]
        }
        var event: Int?
        if let sign = rest.firstIndex(of: "#") {
            guard let number = Int(rest[rest.index(after: sign)...].spaceless), number >= 1 else {
                throw .badStep(whole, expected: "a number from 1 after #: which of the events")
            }
            event = number
            rest = rest[..<sign]
        }
        let word = String(rest.prefix { $0 != "@" && $0 != "=" }.spaceless)
        let detail = rest.drop { $0 != "@" && $0 != "=" }
        let step = Self(try action(word, detail, of: whole), event: event)
        if event != nil, !step.isInvocation {
            throw .badStep(whole, expected: "no event: \(word) invokes nothing")
        }
        return Array(repeating: step, count: times)
    }

    private static func action(
        _ word: String,
        _ detail: Substring,
        of step: String
    ) throws(CheckScheduleFailure) -> Action {
        func suspension() throws(CheckScheduleFailure) -> Int {
            guard !detail.isEmpty else { return 1 }
            guard detail.first == "@", let number = Int(detail.dropFirst().spaceless), number >= 1 else {
                throw .badStep(step, expected: "\(word)@1: the number says at which of the handler's waits, from 1")
            }
            return number
        }
        func time(or usual: Duration) throws(CheckScheduleFailure) -> Duration {
            guard !detail.isEmpty else { return usual }
            guard detail.first == "=", let time = Self.time(detail.dropFirst().spaceless) else {
                throw .badStep(step, expected: "\(word)=2s: a whole number of ms, s, min, h or d, at most a year")
            }
            return time
        }
        func plain(_ action: Action) throws(CheckScheduleFailure) -> Action {
            guard detail.isEmpty else { throw .badStep(step, expected: "\(word) alone") }
            return action
        }
        switch word {
        case "cold": return try plain(.cold)
        case "warm": return try plain(.warm)
        case "exception": return .exception(at: try suspension())
        case "cancel", "cancellation": return .cancellation(at: try suspension())
        case "timeout": return try plain(.timeout)
        case "freeze": return .freeze(try time(or: freezing))
        case "idle": return .idle(try time(or: idling))
        case "parallel": return try plain(.parallel)
        case "shutdown": return try plain(.shutdown)
        default: throw .unknownStep(word.isEmpty ? step : word)
        }
    }
}

extension Substring {
    /// Without white space at its ends.
    var spaceless: Substring {
        let tail = drop(while: \.isWhitespace)
        guard let last = tail.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return tail[...last]
    }
}
