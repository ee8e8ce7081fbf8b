extension JSON {
    /// The value as JSON text for people: two spaces a level, short arrays and objects without children on one line.
    package var indentedText: String {
        var text = ""
        writeIndented(to: &text, margin: "")
        return text + "\n"
    }

    private func writeIndented(to text: inout String, margin: String) {
        let inner = margin + "  "
        let compact = self.text
        switch self {
        case .array(let values) where !isFlat || margin.utf8.count + compact.utf8.count > 100:
            text += "["
            for (index, value) in values.enumerated() {
                text += index == 0 ? "\n\(inner)" : ",\n\(inner)"
                value.writeIndented(to: &text, margin: inner)
            }
            text += "\n\(margin)]"
        case .object(let members) where !members.isEmpty:
            text += "{"
            for (index, member) in members.enumerated() {
                text += (index == 0 ? "\n\(inner)" : ",\n\(inner)") + JSON.string(member.key).text + ": "
                member.value.writeIndented(to: &text, margin: inner)
            }
            text += "\n\(margin)}"
        default: text += compact
        }
    }

    /// Whether it is an array with no arrays or objects in it.
    private var isFlat: Bool {
        guard case .array(let values) = self else { return false }
        return values.allSatisfy { value in
            switch value {
            case .array, .object: false
            default: true
            }
        }
    }
}
