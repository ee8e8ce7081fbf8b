extension String {
    /// The columns that a terminal needs for the text; control characters must have been made visible before.
    var displayWidth: Int { reduce(0) { $0 + $1.displayWidth } }

    /// The text cut to a number of columns, with `…` for what is left out: the end, but of a line of code, which has
    /// its number there, the beginning.
    func truncated(to width: Int) -> String {
        guard displayWidth > width else { return self }
        guard width > 0 else { return "" }
        if width > 1, isLineOfCode { return "…" + String(String(reversed()).head(of: width - 1).reversed()) }
        var kept = ""
        var used = 0
        for character in self {
            used += character.displayWidth
            guard used < width else { break }
            kept.append(character)
        }
        while kept.last == " " { kept.removeLast() }
        return kept + "…"
    }

    /// The text with spaces up to a number of columns, after it or (for numbers) before it.
    func padded(to width: Int, isTrailing: Bool = false) -> String {
        let spaces = String(repeating: " ", count: max(0, width - displayWidth))
        return isTrailing ? spaces + self : self + spaces
    }

    /// The text in lines of at most so many columns, broken between words; a longer word is broken where it must be.
    func wrapped(to width: Int) -> [String] {
        guard width > 0 else { return [self] }
        var lines: [String] = []
        var line = ""
        for word in split(separator: " ") {
            var word = String(word)
            if !line.isEmpty {
                if line.displayWidth + 1 + word.displayWidth <= width {
                    line += " " + word
                    continue
                }
                lines.append(line)
                line = ""
            }
            while word.displayWidth > width {
                let head = word.head(of: width)
                lines.append(head)
                word.removeFirst(head.count)
            }
            line = word
        }
        return line.isEmpty && !lines.isEmpty ? lines : lines + [line]
    }

    /// Whether it is like `handler.py:12`.
    private var isLineOfCode: Bool {
        guard let colon = lastIndex(of: ":"), !contains(" ") else { return false }
        let number = self[index(after: colon)...]
        return !number.isEmpty && number.allSatisfy(\.isWholeNumber)
    }

    /// As much of the beginning as fits, at least one character.
    private func head(of width: Int) -> String {
        var used = 0
        let kept = prefix { character in
            used += character.displayWidth
            return used <= width
        }
        return kept.isEmpty ? String(prefix(1)) : String(kept)
    }
}

extension Character {
    /// The columns that a terminal needs for the character: 0, 1 or 2.
    var displayWidth: Int {
        guard let first = unicodeScalars.first else { return 0 }
        if first.value < 0x300 { return 1 }
        if first.properties.isEmojiPresentation || unicodeScalars.contains("\u{FE0F}") { return 2 }
        if Self.wide.contains(where: { $0.contains(first.value) }) { return 2 }
        switch first.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: return 1
        }
    }

    /// Scripts of wide characters: UAX #11, classes W and F, as blocks.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
        0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6,
        0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD,
    ]
}
