import LoopModel

extension Finding {
    /// Finds the part of a line's text that a reader is to look at.
    ///
    /// The probe tells lines and no columns, which only CPython 3.11 and later have: what the finding's own words name
    /// is looked for in the line, so that all versions show the same.
    ///
    /// - Parameters:
    ///   - text: the line's.
    ///   - role: which part the line plays; nil: it is the culprit.
    /// - Returns: Unicode scalars, counted from the line's start.
    func focus(in text: String, role: RelatedSite.Role? = nil) -> Range<Int> {
        PythonLine(text).span(ofCallTo: calls(of: role ?? culpritRole))
    }

    private var culpritRole: RelatedSite.Role? { related.first { $0.line == site }?.role }

    private func calls(of role: RelatedSite.Role?) -> [String] {
        switch role {
        case .created: ["new_event_loop", "get_event_loop", "Runner", "create_task", "ensure_future", "run"]
        case .ran: ["run", "run_until_complete", "run_forever"]
        case .closed: ["close", "aclose", "shutdown", "stop"]
        case .set: ["set_event_loop", "get_event_loop"]
        default: namedCalls
        }
    }

    /// What the message calls `name()`, and what the culprit called, in their order.
    private var namedCalls: [String] {
        let words = message.split(separator: "()", omittingEmptySubsequences: false).dropLast()
        let named = words.compactMap { before -> String? in
            let name = before.reversed().prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            return name.isEmpty ? nil : String(name.reversed())
        }
        let called = related.first { $0.role == .called }?.line.function.split(separator: ".").last
        return named + [called].compactMap { $0.map(String.init) }
    }
}
