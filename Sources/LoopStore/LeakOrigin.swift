internal import LoopModel

/// Where, and in which invocation, the loops were made that a finding says have leaked.
struct LeakOrigin: Hashable {
    var ordinal: Int?
    var line: CodeLine

    /// The lines in the maker's role; where there are none, the culprit, in the finding's own invocation.
    static func all(of finding: Finding) -> [Self] {
        let made = finding.related.filter { $0.role == .created }.map { Self(ordinal: $0.ordinal, line: $0.line) }
        if !made.isEmpty { return made }
        return finding.site.map { [Self(ordinal: finding.ordinal, line: $0)] } ?? []
    }
}
