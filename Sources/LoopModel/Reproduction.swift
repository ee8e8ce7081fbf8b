/// How something that a check has seen can be seen again.
package struct Reproduction: Hashable, Sendable {
    /// The name of the schedule in which it was seen first.
    package var schedule: String
    /// The shortest life that was seen to show it.
    package var steps: [CheckStep]
    package var certainty: Certainty
    /// A command line that shows it.
    package var command: String
    /// Where invocations waited that were made to fail, by the number of the step, as in `handler.py:12`.
    package var places: [Int: String] = [:]

    package init(schedule: String, steps: [CheckStep], certainty: Certainty, command: String) {
        self.schedule = schedule
        self.steps = steps
        self.certainty = certainty
        self.command = command
    }

    package enum Certainty: Hashable, Sendable {
        /// No shorter life shows it.
        case shortest
        /// There may be a shorter one: not all were tried.
        case short
        /// It came in so many of so many lives of these steps.
        case unsteady(shown: Int, of: Int)
    }

    /// The life as it is typed.
    package var text: String { CheckSchedule.text(of: steps) }

    /// For people: the life, what was done to its environments, and how sure it is.
    package var told: String {
        let doings = doings.isEmpty ? "" : ": \(doings)"
        switch certainty {
        case .shortest: return "\(text)\(doings)"
        case .short: return "\(text)\(doings); there may be a shorter one"
        case .unsteady(let shown, let count):
            return "\(text)\(doings); not every time: in \(shown) of \(count) such lives"
        }
    }

    /// What was done before the last step that is not plain; empty for a plain life.
    private var doings: String {
        var ordinal = 0
        var told: [String] = []
        for (index, step) in steps.enumerated() {
            let isLast = index == steps.count - 1
            if let doing = step.doing(toInvocation: ordinal, isLast: isLast) {
                told.append(doing + (places[index].map { ", at \($0)" } ?? ""))
            }
            if step.isInvocation { ordinal += 1 }
        }
        return told.joined(separator: ", and ")
    }

    package var json: JSON {
        var members: [JSON.Member] = [
            .init("schedule", .string(schedule)),
            .init("shortest", .string(text)),
            .init("isShortest", .bool(certainty == .shortest)),
            .init("command", .string(command)),
        ]
        if case .unsteady(let shown, let count) = certainty {
            members.append(.init("unsteady", ["shown": JSON(shown), "of": JSON(count)]))
        }
        return .object(members)
    }
}

extension CheckStep {
    /// What a step does to the environments, said after the fact; nil for a plain invocation.
    fileprivate func doing(toInvocation ordinal: Int, isLast: Bool) -> String? {
        switch action {
        case .cold, .warm: nil
        case .exception(let suspension):
            "\(isLast ? "when" : "after") invocation \(ordinal) was made to fail \(Self.wait(suspension))"
        case .cancellation(let suspension):
            "\(isLast ? "when" : "after") invocation \(ordinal) was cancelled \(Self.wait(suspension))"
        case .timeout:
            "\(isLast ? "when" : "after") invocation \(ordinal) ran out of time and its environment was reset"
        case .freeze(let time): "after the environment was frozen for \(time.spoken)"
        case .idle(let time): "after \(time.spoken) of simulated idling"
        case .parallel: "with two environments at once"
        case .shutdown: "when it was asked to end by SIGTERM"
        }
    }

    private static func wait(_ suspension: Int) -> String {
        switch suspension {
        case 1: "where it first waited"
        case 2: "at its second wait"
        case 3: "at its third wait"
        default: "at its \(suspension)th wait"
        }
    }
}
