import LoopModel
import LoopReports
import Testing

@Suite("Coding a document")
struct DocumentCodingTests {
    private static let cells: [ReportDocument.Cell] = [
        .none, .text(""), .text("\u{0}\u{1B}\"漢🙂"), .integer(.min), .integer(.max), .flag(true), .flag(false),
        .duration(.nanoseconds(1)), .duration(Duration(secondsComponent: -3, attosecondsComponent: -5)),
        .time(WallTime(nanoseconds: .min)), .time(WallTime(nanoseconds: 1_795_251_543_250_000_001)), .size(0),
        .size(1 << 40), .pair(shown: "a", .null), .pair(shown: "", ["b": [1, 2.5.json, true]]),
        .pair(shown: "raw", .raw("{\"kept\" :  1}")), .marked("word", .good), .marked("word", .bad),
        .marked("word", .caution), .marked("", .quiet),
    ]

    @Test("loses nothing")
    func lossless() throws {
        let document = ReportDocument(
            schema: "loopwarden.test/1",
            title: "A \"title\"",
            sections: [
                ReportDocument.Section(
                    key: "t",
                    title: "Table",
                    content: .table(
                        columns: [
                            ReportDocument.Column("a", "A"),
                            ReportDocument.Column("b", "B", isTrailing: true, isHidden: true),
                        ],
                        rows: Self.cells.map { [$0, .none] } + [[]]
                    ),
                    emptyNote: "none"
                ),
                ReportDocument.Section(key: "e", content: .table(columns: [], rows: [])),
                ReportDocument.Section(
                    key: "f",
                    content: .fields(Self.cells.map { ReportDocument.Field("k", "K", $0) })
                ),
                ReportDocument.Section(key: "g", content: .findings([SampleHistory.finding, SampleHistory.bare])),
                ReportDocument.Section(key: "x", content: .text("two\nlines")),
            ]
        )
        #expect(try DocumentCoding.decode(DocumentCoding.encode(document)) == document)
    }

    @Test("takes what a newer daemon sends")
    func newer() throws {
        let text = """
            {"schema": "loopwarden.new/2", "more": 1, "sections": [
              {"key": "chart", "chart": [1, 2]},
              {"key": "rows", "table": {"columns": [{"key": "a", "title": "A", "colour": "blue"}], "rows": [
                [{"shown": "3 kg", "weight": 3}], [{"weight": 3}], [7], [{"shown": "w", "mark": "purple"}]]}}
            ]}
            """
        let document = try DocumentCoding.decode(Array(text.utf8))
        #expect(document.sections.count == 1)
        guard case .table(_, let rows) = document.sections[0].content else {
            Issue.record("no table")
            return
        }
        #expect(rows == [[.text("3 kg")], [.text("{\"weight\":3}")], [.text("7")], [.text("w")]])
    }

    @Test(
        "refuses what is no document, with the reason",
        arguments: [
            ("", "not JSON"), ("{", "not JSON"), ("[]", "no schema"), ("{\"schema\":\"x\"}", "no sections"),
        ]
    )
    func refused(_ text: String, _ reason: String) throws {
        let failure = try #require(throws: ReportFailure.self) { try DocumentCoding.decode(Array(text.utf8)) }
        #expect(failure.description.contains(reason))
        #expect(!failure.hint.isEmpty)
    }
}

extension Double {
    fileprivate var json: JSON { .double(self) }
}
