/// Which of the answers that AWS Lambda has given over the years are given here, where they have changed.
package enum LambdaEpoch: String, Sendable, CaseIterable {
    /// As recorded in November 2025.
    case new
    /// As recorded in April 2024.
    case old
}
