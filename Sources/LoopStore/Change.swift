package import LoopModel

extension HistoryStore {
    /// One fact to be taken down; facts of one commit are taken down in order.
    ///
    /// Each may be committed again, whole and unchanged, after a commit that failed.
    package enum Change: Hashable, Sendable {
        /// A plugin was loaded or changed.
        case function(FunctionConfiguration, at: WallTime)
        case environmentStarted(EnvironmentRecord)
        /// More became known of an environment, its end included.
        case environmentUpdated(EnvironmentRecord)
        /// Its environment, where it has one, must have been told before.
        case invocationStarted(InvocationRecord)
        case invocationEnded(InvocationRecord)
        /// What was judged together: the events up to the end of an invocation, or (nil) of the environment.
        ///
        /// Events of one environment must come in order, and those of one invocation without others between them.
        case events(EnvironmentID, invocation: InvocationID?, [LoopEvent])
        /// That an environment was frozen, and again when it was thawed.
        case freeze(FreezeSpan)
        /// What an environment has printed outside of any invocation.
        case environmentPrinted(EnvironmentID, EnvironmentOutput)
        /// What was imported when an environment's handler was loaded, and what its first invocation has imported.
        case imports(EnvironmentID, ImportReport)
        /// How loops stand now.
        case loops(EnvironmentID, [LoopState])
        /// Comes after the loops it speaks of, so that they can be marked as leaked.
        case findings([Finding], at: WallTime)
    }

    /// What a commit did.
    package struct CommitResult: Hashable, Sendable {
        /// The commit's number: one more than the commit's before it, for ever, restarts included.
        package var sequence: Int64
        /// The alerts that the commit's findings touched, one entry each.
        package var alerts: [AlertChange]

        package init(sequence: Int64, alerts: [AlertChange]) {
            self.sequence = sequence
            self.alerts = alerts
        }
    }

    /// An alert after a commit, and what the commit did to it.
    package struct AlertChange: Hashable, Sendable {
        package var alert: Alert
        package var kind: Kind

        package init(alert: Alert, kind: Kind) {
            self.alert = alert
            self.kind = kind
        }

        package enum Kind: String, Hashable, Sendable, CaseIterable {
            /// Never seen before.
            case new
            /// Seen again after it was resolved.
            case reopened
            /// Seen again while open or acknowledged.
            case counted
        }
    }
}
