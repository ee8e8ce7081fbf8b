import LoopModel

/// Tells a finding as a colleague would.
struct FindingRenderer {
    /// In columns; 0: no limit.
    var width: Int
    var palette: Palette
    var reader: Reader

    func lines(of finding: Finding) -> [String] {
        var lines = [headline(of: finding)]
        if let site = finding.site {
            lines.append("  \(palette.heading(reader.shown(site.told)))")
            lines += excerpt(of: site, as: nil, in: finding, indent: 2, hasContext: true)
        }
        lines += [""] + prose(finding.message, indent: 2)
        let related = finding.related
        if !related.isEmpty {
            let margin = related.map(\.role.rawValue.visible.displayWidth).max() ?? 0
            lines.append("")
            var shown: Set<CodeLine> = finding.site.map { [$0] } ?? []
            for site in related {
                let told = prose("\(site.line.told), \(site.when)", indent: margin + 4)
                lines += told.enumerated().map { index, line in
                    index == 0
                        ? "  " + palette.quiet(site.role.rawValue.visible.padded(to: margin))
                            + line.dropFirst(margin + 2)
                        : line
                }
                // Libraries' lines are not the reader's to change.
                if !site.line.isStandardLibrary, site.line.installedPath == nil, shown.insert(site.line).inserted {
                    lines += excerpt(of: site.line, as: site.role, in: finding, indent: margin + 4, hasContext: false)
                }
            }
        }
        if !finding.advice.isEmpty {
            let advice = prose(finding.advice, indent: 7)
            lines +=
                [""]
                + advice.enumerated().map { index, line in
                    index == 0 ? "  " + palette.marked("fix:", .good) + " " + line.dropFirst(7) : line
                }
        }
        if let reproduction = finding.reproduction { lines += [""] + self.lines(of: reproduction) }
        return lines
    }

    /// How something can be seen again; the command in one piece, so that it can be copied.
    func lines(of reproduction: Reproduction) -> [String] {
        let told = prose(reproduction.told, indent: 12)
        return told.enumerated().map { index, line in
            index == 0 ? "  " + palette.quiet("shortest") + line.dropFirst(10) : line
        } + ["  " + palette.quiet("replay") + "    " + reproduction.command.visible]
    }

    private func headline(of finding: Finding) -> String {
        let severity = palette.marked(finding.severity.rawValue, finding.severity.mark)
        let invocation = finding.ordinal.map { ", \(invocationName($0))" } ?? ""
        let place =
            finding.test.map { $0.hasPrefix("the ") ? "at \($0)" : "in \($0)" } ?? "in \(finding.function)\(invocation)"
        return "\(severity)  \(palette.heading(finding.rule.visible)) (\(finding.code.visible)) \(place.visible)"
    }

    /// The line itself with marks under the part that counts, and the line before it where `hasContext`.
    private func excerpt(
        of site: CodeLine,
        as role: RelatedSite.Role?,
        in finding: Finding,
        indent: Int,
        hasContext: Bool
    ) -> [String] {
        guard let source = reader.source(finding.function, site) else { return [] }
        let before = CodeLine(file: site.file, line: site.line - 1, function: site.function)
        let context = hasContext ? reader.source(finding.function, before) : nil
        // A blank line says nothing.
        let shown = [(before.line, context?.trimmingBlanks == "" ? nil : context), (site.line, source)]
        let digits = String(site.line).count
        let margin = String(repeating: " ", count: indent)
        let room = indent + digits + 3
        var lines = shown.compactMap { number, text in
            text.map {
                let number = String(number).padded(to: digits, isTrailing: true)
                return (margin + palette.quiet("\(number) |") + " " + fitted($0, room)).trimmingBlanks
            }
        }
        let marks = marks(under: finding.focus(in: source, role: role), of: source, room)
        lines.append(
            margin + palette.quiet("\(String(repeating: " ", count: digits)) |") + " "
                + String(repeating: " ", count: marks.lowerBound)
                + palette.marked(String(repeating: "^", count: max(1, marks.count)), .bad)
        )
        return lines
    }

    /// The columns of the terminal, counted from where the text begins, that a part of it takes up.
    private func marks(under focus: Range<Int>, of source: String, _ room: Int) -> Range<Int> {
        let scalars = source.unicodeScalars
        func column(_ offset: Int) -> Int {
            expanded(String(String.UnicodeScalarView(scalars.prefix(offset)))).displayWidth
        }
        let width = fitted(source, room).displayWidth
        let start = min(column(focus.lowerBound), max(width - 1, 0))
        return start..<max(start, min(column(focus.upperBound), width))
    }

    /// The excerpt alone, without margins; nil where there is no source.
    func excerptText(of finding: Finding) -> String? {
        guard let site = finding.site else { return nil }
        let lines = excerpt(of: site, as: nil, in: finding, indent: 0, hasContext: true)
        return lines.isEmpty ? nil : lines.joined(separator: "\n")
    }

    private func fitted(_ source: String, _ room: Int) -> String {
        var text = source
        while text.last?.isWhitespace == true { text.removeLast() }
        text = expanded(text)
        return width > 0 ? text.truncated(to: max(width - room, 10)) : text
    }

    private func expanded(_ source: String) -> String { source.replacing("\t", with: "    ").visible }

    private func prose(_ text: String, indent: Int) -> [String] {
        let margin = String(repeating: " ", count: indent)
        return reader.shown(text).visibleLines.flatMap { $0.wrapped(to: width > 0 ? max(width - indent, 20) : 0) }.map {
            margin + $0
        }
    }
}

extension CodeLine {
    /// `handler.py:9 in handler`, without anything that a terminal would obey.
    var told: String { "\(short)\(function.isEmpty || isInCell ? "" : " in \(function)")".visible }
}

extension RelatedSite {
    /// In which part of the environment's life.
    var when: String { test ?? ordinal.map(invocationName) ?? "while the handler was loaded" }
}

/// `invocation 0 (cold)`, `invocation 3`.
func invocationName(_ ordinal: Int) -> String { "invocation \(ordinal)" + (ordinal == 0 ? " (cold)" : "") }

extension String {
    fileprivate var trimmingBlanks: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
