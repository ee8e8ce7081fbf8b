/// Decides what becomes of a queued event after a try; performs nothing.
package struct EventDelivery: Sendable {
    /// What a try came to.
    package enum Result: Hashable, Sendable {
        case succeeded
        /// The function, or its environment, failed.
        case failed
        /// No environment was free.
        case throttled
        /// The function takes no invocations at all.
        case refused
        /// The daemon is ending, or could not store the outcome: nothing is known, so it is tried again.
        case interrupted
    }

    /// What is to be done.
    package enum Decision: Hashable, Sendable {
        /// Keep it, and try again then.
        case retry(QueuedEvent)
        /// Forget it, and tell its destination.
        case conclude(Condition)
    }

    /// Why nothing more is done; AWS's words.
    package enum Condition: String, Hashable, Sendable {
        case success = "Success"
        case retriesExhausted = "RetriesExhausted"
        case eventAgeExceeded = "EventAgeExceeded"
        case zeroReservedConcurrency = "ZeroReservedConcurrency"
    }

    private static let minute = Duration.seconds(60)
    /// The pauses of a throttled event grow from the first to the second.
    private static let pauses: ClosedRange<Duration> = .seconds(1)...(.seconds(300))

    package var policy: EventPolicy
    /// What pauses are multiplied by; 1 is as on AWS Lambda.
    package var pace: Double

    package init(_ policy: EventPolicy, pace: Double = 1) {
        self.policy = policy
        self.pace = pace
    }

    /// Whether an event is too old to be tried.
    package func isTooOld(_ event: QueuedEvent, at now: WallTime) -> Bool {
        age(of: event, at: now) > policy.maximumAge
    }

    /// What is to be done after a try that ended now.
    package func decision(on event: QueuedEvent, after result: Result, at now: WallTime) -> Decision {
        var event = event
        let pause: Duration
        switch result {
        case .succeeded: return .conclude(.success)
        case .refused: return .conclude(.zeroReservedConcurrency)
        case .failed:
            event.tries += 1
            guard event.tries <= policy.retries else { return .conclude(.retriesExhausted) }
            pause = Self.minute * event.tries
        case .throttled, .interrupted:
            // As long as it has waited already: that doubles from try to try, and needs no counter.
            let age = age(of: event, at: now) * (1 / max(pace, 0.001))
            pause = min(max(age, Self.pauses.lowerBound), Self.pauses.upperBound)
        }
        event.dueAt = WallTime(nanoseconds: now.nanoseconds + (pause * pace).nanoseconds)
        // There is no use in waiting for a try that will not be made.
        return isTooOld(event, at: event.dueAt) ? .conclude(.eventAgeExceeded) : .retry(event)
    }

    private func age(of event: QueuedEvent, at now: WallTime) -> Duration {
        .nanoseconds(max(now.nanoseconds - event.requestedAt.nanoseconds, 0))
    }
}
