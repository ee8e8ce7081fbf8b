package import LoopModel

/// Why a check could not be made.
package enum CheckFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was named is no handler.
    case target(String, hint: String)
    /// The history has a simulation of this name.
    case nameTaken(RunName)
    /// No environment took an invocation.
    case rejected(String)

    package var description: String {
        switch self {
        case .target(let message, _): message
        case .nameTaken(let run): "The history has a run \"\(run)\" already."
        case .rejected(let reason): reason
        }
    }

    /// What to do about it; may be empty.
    package var hint: String {
        switch self {
        case .target(_, let hint): hint
        case .nameTaken: "Choose another name with --name."
        case .rejected: ""
        }
    }
}
