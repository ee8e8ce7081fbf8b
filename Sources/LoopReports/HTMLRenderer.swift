import LoopModel

/// Renders for a browser: one page that fetches nothing and runs nothing.
struct HTMLRenderer {
    var reader: Reader

    func text(of document: ReportDocument) -> String {
        let title = escaped(document.title.visible)
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>\(title)</title>
            <style>
            \(Self.style)
            </style>
            </head>
            <body>
            <h1>\(title)</h1>
            \(document.sections.map(html(of:)).joined(separator: "\n"))
            </body>
            </html>

            """
    }

    private static let style = """
        :root { color-scheme: light dark }
        body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 80rem; padding: 0 1rem }
        table { border-collapse: collapse }
        th, td { text-align: left; padding: .25rem .8rem .25rem 0; vertical-align: top }
        th { font-weight: 600; border-bottom: 1px solid #8886 }
        .number { text-align: right; font-variant-numeric: tabular-nums }
        .good { color: #1a7f37 } .bad { color: #d1242f } .caution { color: #9a6700 } .quiet { opacity: .65 }
        pre, code { font: 13px/1.45 ui-monospace, monospace }
        pre { overflow-x: auto; padding: .6rem .8rem; background: #8881; border-radius: 4px }
        article { border-left: 3px solid #8886; padding-left: 1rem; margin: 1rem 0 }
        """

    private func html(of section: ReportDocument.Section) -> String {
        let heading = section.title.isEmpty ? "" : "<h2>\(escaped(section.title))</h2>\n"
        let note = section.emptyNote.isEmpty ? "" : "<p class=\"quiet\">\(escaped(section.emptyNote))</p>"
        switch section.content {
        case .table(let columns, let rows):
            return heading + (rows.isEmpty ? note : table(columns, rows))
        case .fields(let fields):
            let rows = fields.filter { !$0.cell.text(for: reader).isEmpty }
                .map { "<tr><th>\(escaped($0.title))</th>\(cell($0.cell, isTrailing: false))</tr>" }
            return heading + "<table>\n\(rows.joined(separator: "\n"))\n</table>"
        case .findings(let findings):
            return heading + (findings.isEmpty ? note : findings.map(article).joined(separator: "\n"))
        case .text(let text):
            let lines = text.visibleLines
            return lines.isEmpty ? heading + note : heading + "<pre>\(escaped(lines.joined(separator: "\n")))</pre>"
        }
    }

    private func table(_ columns: [ReportDocument.Column], _ rows: [[ReportDocument.Cell]]) -> String {
        let shown = columns.indices.filter { !columns[$0].isHidden }
        let head = shown.map {
            "<th\(columns[$0].isTrailing ? " class=\"number\"" : "")>\(escaped(columns[$0].title))</th>"
        }
        let body = rows.map { row in
            "<tr>" + shown.map { cell($0 < row.count ? row[$0] : .none, isTrailing: columns[$0].isTrailing) }.joined()
                + "</tr>"
        }
        return "<table>\n<tr>\(head.joined())</tr>\n\(body.joined(separator: "\n"))\n</table>"
    }

    private func cell(_ cell: ReportDocument.Cell, isTrailing: Bool) -> String {
        let classes = [isTrailing ? "number" : nil, cell.mark?.rawValue].compactMap(\.self).joined(separator: " ")
        return "<td\(classes.isEmpty ? "" : " class=\"\(classes)\"")>\(escaped(cell.text(for: reader)))</td>"
    }

    private func article(_ finding: Finding) -> String {
        let plain = FindingRenderer(width: 0, palette: Palette(isOn: false), reader: reader)
        let related = finding.related.map { site in
            "<tr><th>\(escaped(site.role.rawValue.visible))</th><td><code>\(escaped(site.line.told))</code></td>"
                + "<td>\(escaped(site.when))</td></tr>"
        }
        let invocation = finding.ordinal.map { ", \(invocationName($0))" } ?? ""
        let site = finding.site.map { "<p><code>\(escaped($0.told))</code></p>" }
        let excerpt = plain.excerptText(of: finding).map { "<pre>\(escaped($0))</pre>" }
        let parts = [
            """
            <h3><span class="\(finding.severity.mark.rawValue)">\(finding.severity.rawValue)</span> \
            \(escaped(finding.rule)) (\(escaped(finding.code))) in \(escaped(finding.function.rawValue))\(invocation)</h3>
            """,
            site, excerpt, "<p>\(prose(finding.message))</p>",
            related.isEmpty ? nil : "<table>\n\(related.joined(separator: "\n"))\n</table>",
            finding.advice.isEmpty ? nil : "<p><b>Fix:</b> \(prose(finding.advice))</p>",
        ]
        return "<article>\n\(parts.compactMap(\.self).joined(separator: "\n"))\n</article>"
    }

    private func prose(_ text: String) -> String { text.visibleLines.map(escaped).joined(separator: "<br>") }

    /// Text as HTML shows it, also inside an attribute.
    private func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
