/// What became of one function's invocations in a simulation; counted as they end.
package struct FunctionTally: Sendable {
    package let function: FunctionName
    package private(set) var invocations = 0
    package private(set) var outcomes: [Outcome: Int] = [:]
    /// The first invocations of environments by their causes.
    package private(set) var coldByCause: [ColdStartCause: Int] = [:]
    /// Of those that were cold, how many failed.
    package private(set) var coldFailures = 0
    /// From the request to the answer: waiting, loading the handler, and its own time; of all that ran.
    package private(set) var latencies: [Duration] = []
    package private(set) var queued: [Duration] = []
    /// Of those that were cold.
    package private(set) var initializations: [Duration] = []
    package private(set) var durations: [Duration] = []
    package private(set) var errors: [Failure: Int] = [:]
    /// By simulated time.
    package private(set) var environments = StepSeries()
    package private(set) var environmentsStarted = 0
    /// The most that a process of it has held, in bytes; nil: not known.
    package private(set) var peakMemory: Int?

    /// What failed invocations have in common.
    package struct Failure: Hashable, Sendable {
        package var outcome: Outcome
        package var type: String?
        /// Of the first of them.
        package var message: String?
    }

    private var messages: [Failure: String] = [:]

    package init(function: FunctionName) { self.function = function }

    /// Those that waited until the handler was loaded; not those for which that had been done ahead.
    package var cold: Int { coldByCause.reduce(0) { $0 + ($1.key.isAhead ? 0 : $1.value) } }

    /// Those that ran: all but those that were turned away.
    package var ran: Int { latencies.count }

    /// Those that ran and did not succeed; being ended from outside is no failure.
    package var failed: Int { Self.failing.reduce(0) { $0 + (outcomes[$1] ?? 0) } }

    package var rejected: Int { outcomes[.rejected] ?? 0 }

    /// Whether it was cold at least once, and never succeeded so.
    package var failsCold: Bool { coldFailures > 0 && coldFailures == coldByCause.values.reduce(0, +) }

    private static let failing: [Outcome] = [.error, .timeout, .crashed]

    /// Takes an invocation in its terminal state.
    package mutating func take(_ record: InvocationRecord) {
        let outcome = record.outcome ?? .lost
        invocations += 1
        outcomes[outcome, default: 0] += 1
        if outcome != .ok {
            let kind = Failure(outcome: outcome, type: record.errorType, message: nil)
            errors[kind, default: 0] += 1
            if messages[kind] == nil { messages[kind] = record.errorMessage }
        }
        guard outcome != .rejected, outcome != .killed, outcome != .lost else { return }
        if record.isCold {
            coldByCause[record.cause ?? .first, default: 0] += 1
            if Self.failing.contains(outcome) { coldFailures += 1 }
            if record.cause?.isAhead != true, let initialization = record.initialization {
                initializations.append(initialization)
            }
        }
        if let peak = record.peakMemory { note(peakMemory: peak) }
        queued.append(record.queued)
        durations.append(record.duration)
        let loading = record.cause?.isAhead == true ? .zero : record.initialization ?? .zero
        latencies.append(record.queued + loading + record.duration)
    }

    /// What went wrong, the most frequent first, each with a message.
    package var failures: [(failure: Failure, count: Int)] {
        errors.map { kind, count in
            (Failure(outcome: kind.outcome, type: kind.type, message: messages[kind]), count)
        }
        .sorted {
            ($1.count, $0.failure.outcome.rawValue, $0.failure.type ?? "")
                < ($0.count, $1.failure.outcome.rawValue, $1.failure.type ?? "")
        }
    }

    /// An environment was started.
    package mutating func environmentStarted(at moment: Duration) {
        environmentsStarted += 1
        environments.change(by: 1, at: moment)
    }

    /// An environment is gone.
    package mutating func environmentEnded(at moment: Duration) { environments.change(by: -1, at: moment) }

    package mutating func note(peakMemory: Int) { self.peakMemory = max(self.peakMemory ?? 0, peakMemory) }
}
