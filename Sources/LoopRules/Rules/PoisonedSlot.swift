package import LoopModel

/// Being written.
package struct PoisonedSlot: DetectionRule {
    package let id = "poisoned-slot"
    package let code = "LW203"
    package let title = ""
    package let severity = Severity.error
    package let summary = ""
    package var explanation: RuleExplanation {
        RuleExplanation(cause: "", whyOnlyWarm: "", broken: "", fixed: "", seeAlso: [])
    }

    package init() {}

    package func findings(in timeline: Timeline) -> [Finding] { [] }
}
