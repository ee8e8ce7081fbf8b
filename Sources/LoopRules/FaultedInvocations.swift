package import LoopModel

/// Invocations that were made to fail on purpose, and what is found only because of that.
///
/// What a handler leaves behind when something fails is its own mistake. That its work stops where it was made to stop
/// is not, and a plain life of the same handler tells the rest.
package struct FaultedInvocations: Sendable {
    private var faults: [EnvironmentID: [Int: InvocationFault.Kind]] = [:]
    private let bearings: [String: FaultBearing]

    /// - Parameter rules: those whose findings are looked at.
    package init(_ rules: [any DetectionRule] = AllRules.list) {
        bearings = Dictionary(rules.map { ($0.id, $0.underFault) }) { first, _ in first }
    }

    /// Takes note of an invocation to which something was really done.
    package mutating func note(_ kind: InvocationFault.Kind, of invocation: InvocationRecord) {
        guard let environment = invocation.environment, let ordinal = invocation.ordinal else { return }
        faults[environment, default: [:]][ordinal] = kind
    }

    /// Tells whether a finding is there only because of what was done.
    ///
    /// - Parameters:
    ///   - finding: of an environment that is over.
    ///   - invocations: of this environment, as far as they are known.
    /// - Returns: true for what is not to be told.
    package func explain(_ finding: Finding, among invocations: [InvocationRecord] = []) -> Bool {
        guard let faults = faults[finding.environment], let first = faults.keys.min() else { return false }
        let ordinal = finding.ordinal ?? Int.max
        // Nothing outlives an environment that was reset.
        if faults.contains(where: { $0.value == .hang && $0.key <= ordinal }) { return true }
        if finding.rule == ClosedLoopReuse().id, ordinal >= first {
            // What a library clears away late, of a run that has failed, harms nobody.
            let isHarmless = invocations.contains { $0.id == finding.invocation && $0.outcome == .ok }
            let makers = finding.related.filter { $0.role == .created }.compactMap(\.ordinal)
            let isOfFailure = makers.contains { faults[$0] != nil }
            if !finding.isUsedByUser || (isOfFailure && isHarmless) { return true }
        }
        switch bearings[finding.rule] ?? .stands {
        case .stands: return false
        case .passes: return faults[ordinal] != nil
        case .lingers: return ordinal >= first
        }
    }
}

extension Finding {
    /// Whether a line of the user's has used a closed loop: the threads of libraries outlive a run that fails, and know
    /// how to bear that its loop is gone.
    fileprivate var isUsedByUser: Bool {
        related.contains { $0.role == .used && !$0.line.file.hasPrefix("/") }
    }
}
