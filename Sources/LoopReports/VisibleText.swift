extension String {
    /// The text on one line, with control characters shown as escapes.
    ///
    /// What a handler prints or raises is shown on the operator's terminal: it must not move the cursor, change
    /// colours or titles, or turn the direction of the text around.
    package var visible: String {
        guard unicodeScalars.contains(where: \.isDangerous) else { return self }
        var text = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _ where scalar.isDangerous:
                let digits = String(scalar.value, radix: 16)
                text +=
                    scalar.value < 0x100
                    ? "\\x" + (digits.count < 2 ? "0" : "") + digits : "\\u" + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    /// The text in lines, each ``visible``, with tabs as four spaces.
    package var visibleLines: [String] {
        var lines = split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
            .map { String($0).replacing("\t", with: "    ") }
        while lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
        return lines.map(\.visible)
    }
}

extension Unicode.Scalar {
    /// Whether a terminal or a browser might obey it rather than show it.
    fileprivate var isDangerous: Bool {
        switch value {
        case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069, 0x200E, 0x200F, 0x061C: true
        case 0xE0000...0xE007F, 0xFEFF, 0xFFF9...0xFFFB: true
        default: false
        }
    }
}
