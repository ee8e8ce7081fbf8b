/// Why a check could not be made.
package enum CheckFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was named is no handler.
    case target(String, hint: String)
    /// No environment took an invocation.
    case rejected(String)

    package var description: String {
        switch self {
        case .target(let message, _): message
        case .rejected(let reason): reason
        }
    }

    /// What to do about it; may be empty.
    package var hint: String {
        switch self {
        case .target(_, let hint): hint
        case .rejected: ""
        }
    }
}
