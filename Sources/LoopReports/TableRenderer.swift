import LoopModel

/// Renders for a person at a terminal.
struct TableRenderer {
    /// What a column of text keeps when there is too little room, in columns of the terminal.
    private static let narrowest = 12

    /// In columns; 0: no limit.
    var width: Int
    var colour: Bool
    var reader: Reader

    private var palette: Palette { Palette(isOn: colour) }

    func text(of document: ReportDocument) -> String {
        let blocks = document.sections.map { section in
            let lines = lines(of: section)
            let heading = section.title.isEmpty || lines.isEmpty ? [] : [palette.heading(section.title.visible)]
            return heading + lines
        }
        let text = blocks.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
        return text.isEmpty ? "" : text + "\n"
    }

    private func lines(of section: ReportDocument.Section) -> [String] {
        let note = section.emptyNote.isEmpty ? [] : [palette.quiet(section.emptyNote.visible)]
        switch section.content {
        case .table(let columns, let rows): return rows.isEmpty ? note : table(columns, rows)
        case .fields(let fields): return self.fields(fields)
        case .findings(let findings):
            let teller = FindingRenderer(width: width, palette: palette, reader: reader)
            return findings.isEmpty ? note : Array(findings.map(teller.lines(of:)).joined(separator: ["", ""]))
        case .text(let text):
            let lines = text.visibleLines
            return lines.isEmpty ? note : lines
        }
    }

    // MARK: Tables

    /// A column on its way to the screen.
    private struct Strip {
        var title: String
        var cells: [(text: String, mark: ReportDocument.Mark?)]
        var isTrailing: Bool
        var rank: Int
        var width: Int
        /// As far as it may be narrowed: numbers, times and short words not at all.
        var least: Int
    }

    private func table(_ columns: [ReportDocument.Column], _ rows: [[ReportDocument.Cell]]) -> [String] {
        let strips = fitted(
            columns.enumerated().compactMap { index, column in
                strip(column, rows.map { index < $0.count ? $0[index] : .none })
            }
        )
        let header = line(strips) { ($0.title, .quiet) }
        return [header] + rows.indices.map { row in line(strips) { $0.cells[row] } }
    }

    /// Makes a column ready; nil for one that is hidden, or has nothing in it and so tells nothing.
    private func strip(_ column: ReportDocument.Column, _ cells: [ReportDocument.Cell]) -> Strip? {
        let texts = cells.map { (text: $0.text(for: reader), mark: $0.mark) }
        guard !column.isHidden, texts.contains(where: { !$0.text.isEmpty }) else { return nil }
        let title = column.title.visible
        let width = texts.reduce(title.displayWidth) { max($0, $1.text.displayWidth) }
        let isTime = cells.contains { if case .time = $0 { true } else { false } }
        return Strip(
            title: title,
            cells: texts,
            isTrailing: column.isTrailing,
            rank: column.rank,
            width: width,
            least: column.isTrailing || isTime ? width : min(width, Self.narrowest)
        )
    }

    /// Leaves out what is least important, then takes room from the widest, until the columns fit.
    private func fitted(_ strips: [Strip]) -> [Strip] {
        guard width > 0 else { return strips }
        var strips = strips
        func room(_ width: (Strip) -> Int) -> Int { strips.map(width).reduce(2 * (strips.count - 1), +) }
        while room(\.least) > width, let last = strips.indices.max(by: { strips[$0].rank <= strips[$1].rank }),
            strips[last].rank > 0
        {
            strips.remove(at: last)
        }
        var excess = room(\.width) - width
        while excess > 0 {
            let wide = strips.indices.filter { strips[$0].width > strips[$0].least }
            guard let widest = wide.max(by: { strips[$0].width < strips[$1].width }) else { break }
            strips[widest].width -= 1
            excess -= 1
        }
        return strips
    }

    private func line(
        _ strips: [Strip],
        _ cell: (Strip) -> (text: String, mark: ReportDocument.Mark?)
    ) -> String {
        var line = ""
        var used = 0
        for strip in strips {
            // A table that is still too wide loses its last columns rather than its shape.
            let gap = line.isEmpty ? 0 : 2
            let room = width > 0 ? min(strip.width, width - used - gap) : strip.width
            guard room > 0 else { break }
            let (text, mark) = cell(strip)
            let shown = text.truncated(to: room)
            // Only the word is painted, not the room around it.
            let blank = String(repeating: " ", count: room - shown.displayWidth)
            let word = palette.marked(shown, mark)
            line += String(repeating: " ", count: gap) + (strip.isTrailing ? blank + word : word + blank)
            used += gap + room
        }
        while line.last == " " { line.removeLast() }
        return line
    }

    // MARK: Fields

    private func fields(_ fields: [ReportDocument.Field]) -> [String] {
        let texts = fields.map { (title: $0.title.visible, text: $0.cell.text(for: reader), mark: $0.cell.mark) }
            .filter { !$0.text.isEmpty }
        let margin = texts.map(\.title.displayWidth).max() ?? 0
        let indent = String(repeating: " ", count: margin + 2)
        return texts.flatMap { field in
            let lines = field.text.wrapped(to: width > 0 ? max(width - margin - 2, 20) : 0)
            return lines.enumerated().map { index, line in
                (index == 0 ? palette.quiet(field.title) + indent.dropFirst(field.title.displayWidth) : indent)
                    + palette.marked(line, field.mark)
            }
        }
    }
}
