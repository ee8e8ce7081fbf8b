package import LoopModel

/// One mistake that Loopwarden knows: how to see it in a timeline, and what to say about it.
///
/// A rule is a pure function of the timeline: it keeps nothing, asks nobody, and gives the same findings for a replay
/// from the store as it gave live. A new one is a file in `Rules` and a line in ``AllRules``.
package protocol DetectionRule: Sendable {
    /// The kebab-case name, such as `closed-loop-reuse`; never changed after release.
    var id: String { get }
    /// The short code, such as `LW201`; never changed or reused after release.
    ///
    /// The hundreds tell the family: 1 starting loops, 2 ending loops, 3 objects tied to a loop, 4 tasks, 5 blocking,
    /// 6 threads and resources, 7 the environment.
    var code: String { get }
    /// A few words, without a full stop.
    var title: String { get }
    /// How bad it is unless the circumstances say otherwise.
    var severity: Severity { get }
    /// One sentence.
    var summary: String { get }
    /// What `loopwarden explain` tells.
    var explanation: RuleExplanation { get }
    /// Whether it judges unless the settings ask for it by name.
    var isOnByDefault: Bool { get }
    /// What it says of an invocation that was made to fail on purpose.
    var underFault: FaultBearing { get }

    /// The kinds of events of which a stretch must have one, or there is nothing to find in it.
    ///
    /// A rule is not asked where there is none: of most invocations the events are only the life of a sound loop.
    var wakingKinds: EventKinds { get }

    /// Judges one stretch of an environment's life; says each thing only in the stretch in which it comes to light.
    func findings(in timeline: Timeline) -> [Finding]
}

extension DetectionRule {
    package var isOnByDefault: Bool { true }
    package var underFault: FaultBearing { .stands }
}
