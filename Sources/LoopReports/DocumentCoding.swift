package import LoopModel

/// Documents on their way from the daemon to a command: nothing is lost, and nothing is decided about their looks.
///
/// This is between the two only, and no contract: programs get ``OutputFormat/json``.
package enum DocumentCoding {
    /// The media type of an encoded document.
    package static let mediaType = "application/vnd.loopwarden.document+json"

    package static func encode(_ document: ReportDocument) -> [UInt8] {
        let json: JSON = [
            "schema": .string(document.schema), "title": .string(document.title),
            "sections": .array(document.sections.map(json(of:))),
        ]
        var bytes: [UInt8] = []
        json.write(to: &bytes)
        return bytes
    }

    /// Reads what ``encode(_:)`` wrote, in this version or a newer one: cells of an unknown kind become text, and
    /// sections of an unknown kind are left out.
    ///
    /// - Throws: ``ReportFailure/notJSON(_:)``, ``ReportFailure/notADocument(_:)``.
    package static func decode(_ bytes: [UInt8]) throws(ReportFailure) -> ReportDocument {
        let json: JSON
        do { json = try JSONReader.value(of: bytes) } catch { throw .notJSON(error) }
        guard let schema = json["schema"]?.stringValue else { throw .notADocument("it has no schema") }
        guard let sections = json["sections"]?.elements else { throw .notADocument("it has no sections") }
        return ReportDocument(
            schema: schema,
            title: json["title"]?.stringValue ?? "",
            sections: sections.compactMap(section(from:))
        )
    }

    // MARK: Sections

    private static func json(of section: ReportDocument.Section) -> JSON {
        let (kind, content): (String, JSON) =
            switch section.content {
            case .table(let columns, let rows):
                (
                    "table",
                    ["columns": .array(columns.map(json(of:))), "rows": .array(rows.map { .array($0.map(json(of:))) })]
                )
            case .fields(let fields):
                (
                    "fields",
                    .array(
                        fields.map { ["key": .string($0.key), "title": .string($0.title), "cell": json(of: $0.cell)] }
                    )
                )
            case .findings(let findings): ("findings", .array(findings.map(\.json)))
            case .text(let text): ("text", .string(text))
            }
        return [
            "key": .string(section.key), "title": .string(section.title), "emptyNote": .string(section.emptyNote),
            kind: content,
        ]
    }

    private static func section(from json: JSON) -> ReportDocument.Section? {
        guard let content = content(from: json) else { return nil }
        return ReportDocument.Section(
            key: json["key"]?.stringValue ?? "",
            title: json["title"]?.stringValue ?? "",
            content: content,
            emptyNote: json["emptyNote"]?.stringValue ?? ""
        )
    }

    private static func content(from json: JSON) -> ReportDocument.Content? {
        if let table = json["table"] {
            return .table(
                columns: table["columns"]?.elements?.map(column(from:)) ?? [],
                rows: table["rows"]?.elements?.map { $0.elements?.map(cell(from:)) ?? [] } ?? []
            )
        }
        if let fields = json["fields"]?.elements {
            return .fields(
                fields.map { field in
                    ReportDocument.Field(
                        field["key"]?.stringValue ?? "",
                        field["title"]?.stringValue ?? "",
                        cell(from: field["cell"] ?? .null)
                    )
                }
            )
        }
        if let findings = json["findings"]?.elements { return .findings(findings.compactMap(Finding.init(json:))) }
        return json["text"]?.stringValue.map(ReportDocument.Content.text)
    }

    private static func json(of column: ReportDocument.Column) -> JSON {
        [
            "key": .string(column.key), "title": .string(column.title), "isTrailing": .bool(column.isTrailing),
            "isHidden": .bool(column.isHidden), "rank": .int(Int64(column.rank)),
        ]
    }

    private static func column(from json: JSON) -> ReportDocument.Column {
        ReportDocument.Column(
            json["key"]?.stringValue ?? "",
            json["title"]?.stringValue ?? "",
            isTrailing: json["isTrailing"]?.boolValue ?? false,
            isHidden: json["isHidden"]?.boolValue ?? false,
            rank: json["rank"]?.intValue ?? 0
        )
    }

    // MARK: Cells

    private static func json(of cell: ReportDocument.Cell) -> JSON {
        switch cell {
        case .none: return .null
        case .text(let text): return .string(text)
        case .integer(let number): return ["integer": .int(Int64(number))]
        case .flag(let flag): return ["flag": .bool(flag)]
        case .duration(let duration):
            let (seconds, attoseconds) = duration.components
            return ["seconds": .int(seconds), "attoseconds": .int(attoseconds)]
        case .time(let time): return ["time": .int(time.nanoseconds)]
        case .size(let bytes): return ["size": .int(Int64(bytes))]
        case .pair(let shown, .raw(let text)): return ["shown": .string(shown), "raw": .string(text)]
        case .pair(let shown, let value): return ["shown": .string(shown), "value": value]
        case .marked(let word, let mark): return ["shown": .string(word), "mark": .string(mark.rawValue)]
        }
    }

    private static func cell(from json: JSON) -> ReportDocument.Cell {
        switch json {
        case .null: return .none
        case .string(let text): return .text(text)
        default: break
        }
        if let number = json["integer"]?.intValue { return .integer(number) }
        if let flag = json["flag"]?.boolValue { return .flag(flag) }
        if let seconds = json["seconds"]?.intValue, let attoseconds = json["attoseconds"]?.intValue {
            return .duration(Duration(secondsComponent: Int64(seconds), attosecondsComponent: Int64(attoseconds)))
        }
        if let time = json["time"]?.intValue { return .time(WallTime(nanoseconds: Int64(time))) }
        if let bytes = json["size"]?.intValue { return .size(bytes) }
        guard let shown = json["shown"]?.stringValue else { return .text(json.text) }
        if let text = json["raw"]?.stringValue { return .pair(shown: shown, .raw(text)) }
        if let value = json["value"] { return .pair(shown: shown, value) }
        guard let mark = json["mark"]?.stringValue.flatMap(ReportDocument.Mark.init(rawValue:)) else {
            return .text(shown)
        }
        return .marked(shown, mark)
    }
}
