package import LoopModel

/// Being written.
package struct ClosedLoopReuse: DetectionRule {
    package let id = "closed-loop-reuse"
    package let code = "LW201"
    package let title = ""
    package let severity = Severity.error
    package let summary = ""
    package var explanation: RuleExplanation {
        RuleExplanation(cause: "", whyOnlyWarm: "", broken: "", fixed: "", seeAlso: [])
    }

    package init() {}

    package func findings(in timeline: Timeline) -> [Finding] { [] }
}
