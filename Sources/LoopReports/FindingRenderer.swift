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
            lines.append("  \(palette.heading(site.told))")
            lines += excerpt(of: site, in: finding.function)
        }
        lines += [""] + prose(finding.message, indent: 2)
        let related = finding.related
        if !related.isEmpty {
            let margin = related.map(\.role.rawValue.visible.displayWidth).max() ?? 0
            lines.append("")
            lines += related.flatMap { site in
                let told = prose("\(site.line.told), \(site.when)", indent: margin + 4)
                return told.enumerated().map { index, line in
                    index == 0
                        ? "  " + palette.quiet(site.role.rawValue.visible.padded(to: margin))
                            + line.dropFirst(margin + 2)
                        : line
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
        return lines
    }

    private func headline(of finding: Finding) -> String {
        let severity = palette.marked(finding.severity.rawValue, finding.severity.mark)
        let invocation = finding.ordinal.map { ", \(invocationName($0))" } ?? ""
        return
            "\(severity)  \(palette.heading(finding.rule.visible)) (\(finding.code.visible)) in \(finding.function)\(invocation)"
    }

    /// The line before, the line itself, and marks under what it says.
    private func excerpt(of site: CodeLine, in function: FunctionName) -> [String] {
        guard let source = reader.source(function, site) else { return [] }
        let before = CodeLine(file: site.file, line: site.line - 1, function: site.function)
        let shown = [(before.line, reader.source(function, before)), (site.line, source)]
        let margin = String(site.line).count
        var lines = shown.compactMap { number, text in
            text.map {
                "  " + palette.quiet("\(String(number).padded(to: margin, isTrailing: true)) |") + " "
                    + fitted($0, margin)
            }
        }
        let text = fitted(source, margin)
        let indent = text.prefix { $0 == " " }.count
        let marks = String(repeating: "^", count: max(1, text.displayWidth - indent))
        lines.append(
            "  " + palette.quiet("\(String(repeating: " ", count: margin)) |") + " "
                + String(repeating: " ", count: indent) + palette.marked(marks, .bad)
        )
        return lines
    }

    /// The excerpt alone, without margins; nil where there is no source.
    func excerptText(of finding: Finding) -> String? {
        guard let site = finding.site else { return nil }
        let lines = excerpt(of: site, in: finding.function)
        return lines.isEmpty ? nil : lines.map { String($0.dropFirst(2)) }.joined(separator: "\n")
    }

    private func fitted(_ source: String, _ margin: Int) -> String {
        var text = source.replacing("\t", with: "    ")
        while text.last?.isWhitespace == true { text.removeLast() }
        text = text.visible
        return width > 0 ? text.truncated(to: max(width - margin - 5, 10)) : text
    }

    private func prose(_ text: String, indent: Int) -> [String] {
        let margin = String(repeating: " ", count: indent)
        return text.visibleLines.flatMap { $0.wrapped(to: width > 0 ? max(width - indent, 20) : 0) }.map { margin + $0 }
    }
}

extension CodeLine {
    /// `handler.py:9 in handler`, without anything that a terminal would obey.
    var told: String { "\(short)\(function.isEmpty ? "" : " in \(function)")".visible }
}

extension RelatedSite {
    /// In which part of the environment's life.
    var when: String { ordinal.map(invocationName) ?? "while the handler was loaded" }
}

/// `invocation 0 (cold)`, `invocation 3`.
func invocationName(_ ordinal: Int) -> String { "invocation \(ordinal)" + (ordinal == 0 ? " (cold)" : "") }
