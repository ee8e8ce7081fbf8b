package import LoopOS
package import LoopRunner

/// How an embedded runner is set up; as for a check, where nothing else is said.
package struct EmbeddedSetting: Sendable {
    /// The state folder that keeps the history; nil: it is thrown away.
    package var state: String?
    /// What the pools take for the time.
    package var clock = PoolClock()
    /// Where environments have cgroups of their own.
    package var groups = ControlGroupTree.Choice.off
    /// Whether environments begin and end as on AWS Lambda.
    package var followsLambda = false
    /// Puts another observer before the one that there is, which must be passed everything.
    package var observing: @Sendable (any RunObserving) -> any RunObserving = { $0 }

    package init() {}
}
