/// A life that an environment can have: what happens to it, in order.
///
/// Its text form is a list of steps, as in `cold, exception@1, warm×2`.
package struct CheckSchedule: Hashable, Sendable {
    /// As it is asked for and shown.
    package var name: String
    /// The first is cold.
    package var steps: [CheckStep]

    package init(name: String, steps: [CheckStep]) {
        self.name = name
        self.steps = steps
    }

    /// What a text of steps may come to.
    package static let mostSteps = 200

    /// The lives that every handler is led through, a line each, with so many warm invocations in the plain one.
    package static func named(warm: Int = 2) -> [Self] {
        [
            Self("warm", [.cold] + Array(repeating: .warm, count: warm)),
            Self("after-exception", [.cold] + (1...3).flatMap { [CheckStep(.exception(at: $0)), .warm] }),
            Self("after-cancellation", [.cold] + (1...2).flatMap { [CheckStep(.cancellation(at: $0)), .warm] }),
            Self("after-timeout", [.cold, CheckStep(.timeout), .cold, .warm]),
            Self("after-freeze", [.cold, CheckStep(.freeze(CheckStep.freezing)), .warm]),
            Self("after-idle", [.cold, CheckStep(.idle(CheckStep.idling)), .warm]),
            Self("parallel", [.cold, CheckStep(.parallel), CheckStep(.parallel)]),
            Self("shutdown", [.cold, .warm, CheckStep(.shutdown)]),
        ]
    }

    /// The events that were given, one for each invocation: the first cold, the rest warm.
    package static func given(_ count: Int) -> Self {
        Self("given", (1...max(count, 1)).map { CheckStep($0 == 1 ? .cold : .warm, event: $0) })
    }

    private init(_ name: String, _ steps: [CheckStep]) { self.init(name: name, steps: steps) }

    /// The name of the plain one: what it tells, no other tells again.
    package static let plain = "warm"
    package static let givenName = "given"

    /// As it is typed; equal steps that follow each other are counted.
    package var text: String { Self.text(of: steps) }

    package static func text(of steps: [CheckStep]) -> String {
        var parts: [(step: CheckStep, times: Int)] = []
        for step in steps {
            if parts.last?.step == step { parts[parts.count - 1].times += 1 } else { parts.append((step, 1)) }
        }
        return parts.map { $0.times == 1 ? "\($0.step)" : "\($0.step)×\($0.times)" }.joined(separator: ", ")
    }

    /// Reads a text of steps.
    ///
    /// - Throws: ``CheckScheduleFailure`` with the step that is wrong.
    package init(steps text: String) throws(CheckScheduleFailure) {
        var steps: [CheckStep] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let part = part.spaceless
            guard !part.isEmpty else { throw .emptyStep(in: text) }
            steps += try CheckStep.steps(part)
            guard steps.count <= Self.mostSteps else { throw .tooManySteps }
        }
        guard steps.first?.action == .cold else { throw .notCold(text) }
        self.init(name: Self.text(of: steps), steps: steps)
    }

    /// Reads what was asked for: names of schedules with commas between them, or one life's steps, which begin with
    /// `cold`.
    ///
    /// - Parameters:
    ///   - texts: what was asked for; each may name several.
    ///   - warm: how many warm invocations the plain one has.
    ///   - events: how many events there are for `given`; 0: there is no `given`.
    /// - Returns: each once, in the order asked for.
    /// - Throws: ``CheckScheduleFailure`` with the name or step that is wrong.
    package static func chosen(
        _ texts: [String],
        warm: Int,
        events: Int
    ) throws(CheckScheduleFailure) -> [Self] {
        let known = named(warm: warm) + (events > 0 ? [given(events)] : [])
        var chosen: [Self] = []
        for text in texts {
            let words = text.split(separator: ",", omittingEmptySubsequences: false).map { String($0.spaceless) }
            let isSteps = words.first?.hasPrefix("cold") ?? false
            if isSteps {
                chosen.append(try Self(steps: text))
                continue
            }
            for word in words {
                if let schedule = known.first(where: { $0.name == word }) {
                    chosen.append(schedule)
                } else if word == givenName {
                    throw .nothingGiven
                } else if (try? CheckStep.steps(word[...])) != nil {
                    throw .notCold(text)
                } else {
                    throw .unknownSchedule(word, known: known.map(\.name))
                }
            }
        }
        var told: Set<Self> = []
        return chosen.filter { told.insert($0).inserted }
    }

    /// The same life with the events of several given out in turn, so that each step says which it gets.
    package func givingOut(events count: Int) -> Self {
        guard count > 1 else { return self }
        var next = 0
        var schedule = self
        for index in steps.indices where steps[index].isInvocation && steps[index].event == nil {
            schedule.steps[index].event = next % count + 1
            next += 1
        }
        return schedule
    }
}

/// What is wrong with a schedule that was typed.
package enum CheckScheduleFailure: Error, Hashable, Sendable, CustomStringConvertible {
    case unknownStep(String)
    case badStep(String, expected: String)
    case emptyStep(in: String)
    case tooManySteps
    /// It does not begin with `cold`.
    case notCold(String)
    case unknownSchedule(String, known: [String])
    /// `given` without events.
    case nothingGiven
    /// A step asks for an event that there is not.
    case noSuchEvent(Int, of: Int)

    package var description: String {
        switch self {
        case .unknownStep(let step): "There is no step \"\(step)\" in a schedule."
        case .badStep(let step, let expected): "The step \"\(step)\" is not understood: expected is \(expected)."
        case .emptyStep(let text): "A step is missing in the schedule \"\(text)\"."
        case .tooManySteps: "The schedule has more than \(CheckSchedule.mostSteps) steps."
        case .notCold(let text): "The schedule \"\(text)\" does not begin with a cold start."
        case .unknownSchedule(let name, _): "There is no schedule \"\(name)\"."
        case .nothingGiven: "There are no events for the schedule \"given\"."
        case .noSuchEvent(let number, let count):
            "The schedule asks for event \(number), but there \(count == 1 ? "is 1" : "are \(count)")."
        }
    }

    /// What to do about it.
    package var hint: String {
        switch self {
        case .unknownStep(let step): Self.hint(step, among: CheckStep.words, "The steps are")
        case .badStep: "An example: cold, exception@2, freeze=2s, warm×3"
        case .emptyStep: "Put one comma between two steps: cold, warm, warm"
        case .tooManySteps: "Shorter ones show the same sooner."
        case .notCold: "Steps begin with cold: \"cold, warm\"."
        case .unknownSchedule(let name, let known):
            Self.hint(name, among: known, "The schedules are") + " Steps begin with cold, as in \"cold, warm\"."
        case .nothingGiven: "Name their files with --events."
        case .noSuchEvent: "Events are counted from 1, in the order of --events."
        }
    }

    private static func hint(_ name: String, among known: [String], _ list: String) -> String {
        // As it is typed, `exception@1`; mistaken is the word.
        let words = known.map { String($0.prefix { $0 != "@" }) }
        let nearest = nearestName(to: name, among: words).flatMap { word in known.first { $0.hasPrefix(word) } }
        let guess = nearest.map { "Did you mean \($0)? " } ?? ""
        return "\(guess)\(list) \(known.joined(separator: ", "))."
    }
}
