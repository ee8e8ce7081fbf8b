internal import LoopModel

/// What all functions together may have, as an AWS account; performs nothing.
///
/// So many invocations at once, and ten times as many requests in a second (facts: lambda §2).
struct AccountLimits: Sendable {
    /// Requests in a second for each invocation at once.
    static let requestsPerInvocation = 10

    /// The most invocations at once.
    let concurrency: Int
    private var requests: RateLimiter

    init(concurrency: Int) {
        self.concurrency = concurrency
        requests = RateLimiter(Self.requestsPerInvocation * concurrency, per: .seconds(1))
    }

    /// One function, as the account counts it.
    struct Share: Hashable, Sendable {
        /// Invocations that run or wait.
        var inFlight: Int
        /// nil: none is reserved.
        var reserved: Int?
        /// Environments that are kept ready: nobody else may have their part.
        var provisioned: Int

        /// What it takes from the account whether it uses it or not.
        private var own: Int { reserved ?? provisioned }
        /// What it has taken from the part that all share.
        fileprivate var shared: Int { reserved == nil ? max(inFlight - provisioned, 0) : 0 }
        fileprivate var taken: Int { own + shared }
    }

    /// Whether one more invocation may come.
    ///
    /// - Parameters:
    ///   - share: the function that it is for, without it.
    ///   - others: all other functions.
    ///   - now: the monotonic time.
    /// - Returns: why not; nil: it may.
    mutating func refusal(
        to share: Share,
        beside others: some Sequence<Share>,
        now: Instant
    ) -> PoolStateMachine.Rejection? {
        // Its own pool sees to what is reserved.
        guard share.reserved == nil else { return nil }
        guard requests.take(at: now) else { return .accountRequestRate }
        var after = share
        after.inFlight += 1
        guard after.shared > share.shared else { return nil }
        return others.reduce(after.taken) { $0 + $1.taken } > concurrency ? .accountConcurrency : nil
    }
}
