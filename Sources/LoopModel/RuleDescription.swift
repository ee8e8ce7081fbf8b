/// What a report may say of a rule that it names; the rules themselves are no business of reports.
package struct RuleDescription: Hashable, Sendable {
    package var id: String
    package var code: String
    package var severity: Severity
    package var title: String
    /// One sentence.
    package var summary: String
    /// All that there is to say, in lines.
    package var help: String

    package init(id: String, code: String, severity: Severity, title: String, summary: String, help: String) {
        self.id = id
        self.code = code
        self.severity = severity
        self.title = title
        self.summary = summary
        self.help = help
    }
}
