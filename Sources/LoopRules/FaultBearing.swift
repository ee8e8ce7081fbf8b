/// What a rule's findings are worth where an invocation was made to fail on purpose.
package enum FaultBearing: Sendable {
    /// What is left behind for later invocations, or is wrong whatever happens.
    case stands
    /// What becomes of the work of the failing invocation itself, which was not to come to its end; of others it stands.
    case passes
    /// The same, but it may come to light in any later invocation: when something is collected.
    case lingers
}
