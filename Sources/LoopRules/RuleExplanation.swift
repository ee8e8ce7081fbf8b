package import LoopModel

/// What there is to say about a rule beyond one finding.
package struct RuleExplanation: Hashable, Sendable {
    /// What goes wrong, in a paragraph.
    package var cause: String
    /// Why the cold invocation does not show it.
    package var whyOnlyWarm: String
    /// A handler that has the mistake; complete Python.
    package var broken: String
    /// The same handler without it; complete Python.
    package var fixed: String
    /// Other rules by name, and addresses of documentation.
    package var seeAlso: [String]

    package init(cause: String, whyOnlyWarm: String, broken: String, fixed: String, seeAlso: [String]) {
        self.cause = cause
        self.whyOnlyWarm = whyOnlyWarm
        self.broken = broken
        self.fixed = fixed
        self.seeAlso = seeAlso
    }
}

extension DetectionRule {
    /// What `loopwarden explain` prints, in lines of at most 100 columns.
    package var explanationText: String {
        func indented(_ code: String) -> String {
            code.split(separator: "\n", omittingEmptySubsequences: false)
                .map { $0.isEmpty ? "" : "    \($0)" }
                .joined(separator: "\n")
        }
        return """
            \(id) (\(code), \(severity.rawValue)): \(title)

            \(filled(summary))

            What goes wrong
            \(filled(explanation.cause, indent: 2))

            Why it shows only warm
            \(filled(explanation.whyOnlyWarm, indent: 2))

            Broken
            \(indented(explanation.broken))

            Fixed
            \(indented(explanation.fixed))

            See also
            \(explanation.seeAlso.map { "  \($0)" }.joined(separator: "\n"))

            """
    }

    /// The published JSON form of a rule and its explanation.
    package var json: JSON {
        [
            "rule": .string(id), "code": .string(code), "title": .string(title), "severity": .string(severity.rawValue),
            "summary": .string(summary), "cause": .string(explanation.cause),
            "whyOnlyWarm": .string(explanation.whyOnlyWarm), "broken": .string(explanation.broken),
            "fixed": .string(explanation.fixed), "seeAlso": .array(explanation.seeAlso.map(JSON.string)),
        ]
    }
}

/// Breaks prose between words into lines of at most 100 columns.
private func filled(_ text: String, indent: Int = 0) -> String {
    let margin = String(repeating: " ", count: indent)
    var lines: [String] = []
    var line = margin
    for word in text.split(whereSeparator: \.isWhitespace) {
        if line.count > indent, line.count + 1 + word.count > 100 {
            lines.append(line)
            line = margin
        }
        line += line.count > indent ? " \(word)" : String(word)
    }
    return (lines + [line]).joined(separator: "\n")
}
