package import LoopModel

/// Being written.
package struct LeakedLoop: DetectionRule {
    package let id = "leaked-loop"
    package let code = "LW202"
    package let title = ""
    package let severity = Severity.error
    package let summary = ""
    package var explanation: RuleExplanation {
        RuleExplanation(cause: "", whyOnlyWarm: "", broken: "", fixed: "", seeAlso: [])
    }

    package init() {}

    package func findings(in timeline: Timeline) -> [Finding] { [] }
}
