package import LoopModel

/// Being written.
package struct ModuleScopeLoop: DetectionRule {
    package let id = "module-scope-loop"
    package let code = "LW204"
    package let title = ""
    package let severity = Severity.warning
    package let summary = ""
    package var explanation: RuleExplanation {
        RuleExplanation(cause: "", whyOnlyWarm: "", broken: "", fixed: "", seeAlso: [])
    }

    package init() {}

    package func findings(in timeline: Timeline) -> [Finding] { [] }
}
