/// Why an invocation was throttled, in the words of AWS Lambda's `TooManyRequestsException`.
package enum ThrottleReason: String, Hashable, Sendable, CaseIterable {
    /// All that the account may run at once runs.
    case concurrency = "ConcurrentInvocationLimitExceeded"
    /// All that is reserved for the function runs.
    case reservedConcurrency = "ReservedFunctionConcurrentInvocationLimitExceeded"
    /// More requests in a second than ten times what the account may run at once.
    case requestRate = "FunctionInvocationRateLimitExceeded"
    /// More requests in a second than ten times what is reserved for the function.
    case reservedRequestRate = "ReservedFunctionInvocationRateLimitExceeded"
}
