import LoopModel

/// Renders for programs: the published contract, on one line.
struct JSONRenderer {
    func text(of document: ReportDocument) -> String { json(of: document).text + "\n" }

    func json(of document: ReportDocument) -> JSON {
        let sections = document.sections.compactMap { section in
            json(of: section.content).map { JSON.Member(section.key, $0) }
        }
        return .object([JSON.Member("schema", .string(document.schema))] + sections)
    }

    private func json(of content: ReportDocument.Content) -> JSON? {
        switch content {
        case .table(let columns, let rows):
            .array(rows.map { row in .object(zip(columns, row).map { JSON.Member($0.key, $1.json) }) })
        case .fields(let fields): .object(fields.map { JSON.Member($0.key, $0.cell.json) })
        case .findings(let findings): .array(findings.map(\.json))
        case .text: nil
        }
    }
}
