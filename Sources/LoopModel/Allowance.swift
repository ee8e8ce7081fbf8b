/// What a user has said is right, though a rule finds it: a rule's name, and where.
///
/// Written `leaked-loop`, `leaked-loop at handler.py`, `leaked-loop at handler.py:12 because it is pooled`; by name or
/// by code.
package struct Allowance: Hashable, Sendable {
    /// A rule's name or code, in lower case.
    package var rule: String
    /// Relative to the plugin's folder; nil: anywhere.
    package var file: String?
    /// nil: in the whole file.
    package var line: Int?
    /// For whoever reads it; empty where none was given.
    package var reason: String

    /// - Throws: ``AllowanceFailure`` when the text says nothing of the kind.
    package init(_ text: String) throws(AllowanceFailure) {
        let words = text.split(whereSeparator: \.isWhitespace)
        let claim = words.prefix { $0 != "because" }
        reason = words.dropFirst(claim.count + 1).joined(separator: " ")
        guard let name = claim.first, claim.count == 1 || (claim.count == 3 && claim.dropFirst().first == "at") else {
            throw .malformed(text)
        }
        rule = name.lowercased()
        guard claim.count == 3, let place = claim.last else { return }
        let parts = place.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        file = String(parts[0])
        guard parts.count == 2 else { return }
        guard let number = Int(parts[1]), number > 0, !parts[0].isEmpty else { throw .malformed(text) }
        line = number
    }

    /// Whether it speaks of a finding's rule.
    package func names(_ finding: Finding) -> Bool { [finding.rule, finding.code.lowercased()].contains(rule) }

    /// Whether it speaks of a finding's rule and of one of its lines.
    package func covers(_ finding: Finding) -> Bool {
        guard names(finding) else { return false }
        guard let file else { return true }
        return finding.ownLines.contains { $0.file == file && (line == nil || line == $0.line) }
    }
}

extension Finding {
    /// The lines that take part in it, except those of libraries in between.
    package var ownLines: [CodeLine] {
        [site].compactMap(\.self) + related.filter { $0.role != .via }.map(\.line)
    }
}

/// Why a text is no ``Allowance``.
package enum AllowanceFailure: Error, Hashable, Sendable, CustomStringConvertible {
    case malformed(String)

    package var description: String {
        switch self {
        case .malformed(let text): "expected RULE [at FILE[:LINE]] [because REASON], found \"\(text)\""
        }
    }
}
