import LoopModel

/// The terminal's colours, or none: the only place that writes escape sequences.
struct Palette {
    let isOn: Bool

    func heading(_ text: String) -> String { paint(text, "1") }

    func quiet(_ text: String) -> String { paint(text, "2") }

    func marked(_ text: String, _ mark: ReportDocument.Mark?) -> String {
        switch mark {
        case .good: paint(text, "32")
        case .bad: paint(text, "31")
        case .caution: paint(text, "33")
        case .quiet: quiet(text)
        case nil: text
        }
    }

    private func paint(_ text: String, _ code: String) -> String {
        isOn && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}

extension Severity {
    /// How its word is meant.
    var mark: ReportDocument.Mark {
        switch self {
        case .error: .bad
        case .warning: .caution
        case .info: .quiet
        }
    }
}
