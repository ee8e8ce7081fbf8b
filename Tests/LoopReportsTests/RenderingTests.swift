import LoopModel
import LoopReports
import Testing

@Suite("Rendering")
struct RenderingTests {
    private func table(_ rows: [[ReportDocument.Cell]], _ columns: [ReportDocument.Column]) -> ReportDocument {
        ReportDocument(
            schema: "loopwarden.test/1",
            title: "",
            sections: [ReportDocument.Section(key: "rows", content: .table(columns: columns, rows: rows))]
        )
    }

    @Test("aligns columns by what a terminal shows, not by what a string holds")
    func alignment() {
        let document = table(
            [
                [.text("plain"), .integer(1), .text("x")], [.text("漢字"), .integer(1234), .text("y")],
                [.text("e\u{301}🙂👨‍👩‍👧"), .integer(56), .text("z")],
            ],
            [
                ReportDocument.Column("a", "A"), ReportDocument.Column("b", "B", isTrailing: true),
                ReportDocument.Column("c", "C"),
            ]
        )
        #expect(
            document.rendered(as: .table(width: 80, colour: false)) == """
                A         B  C
                plain     1  x
                漢字   1234  y
                e\u{301}🙂👨‍👩‍👧    56  z

                """
        )
    }

    @Test("takes room from the widest text columns and says where something is missing")
    func shrinking() {
        let document = table(
            [
                [
                    .text("0123456789012345678901234567890"), .integer(1_000_000), .text("abcdefghijklmnopqrst"),
                    .text("short"),
                ]
            ],
            [
                ReportDocument.Column("a", "First"), ReportDocument.Column("b", "Number", isTrailing: true),
                ReportDocument.Column("c", "Second"), ReportDocument.Column("d", "Third"),
            ]
        )
        #expect(
            document.rendered(as: .table(width: 50, colour: false))
                == """
                First             Number  Second            Third
                012345678901234…  1000000  abcdefghijklmno…  short

                """.replacing("First             Number", with: "First              Number")
        )
        let wide = "漢字漢字漢字漢字漢字"
        let cut = table([[.text(wide), .text("b")]], [ReportDocument.Column("a", ""), ReportDocument.Column("b", "")])
        #expect(cut.rendered(as: .table(width: 18, colour: false)).split(separator: "\n").last == "漢字漢字漢字漢…  b")
    }

    @Test("leaves out the columns of the highest rank where there is no room, and never breaks a line")
    func ranks() {
        let document = table(
            [[.text("first-of-all"), .time(WallTime(nanoseconds: 0)), .text("third-of-all"), .text("fourth")]],
            [
                ReportDocument.Column("a", "A"), ReportDocument.Column("b", "B", rank: 1),
                ReportDocument.Column("c", "C", rank: 2), ReportDocument.Column("d", "D", rank: 2),
            ]
        )
        let lines = [60, 54, 50, 40, 20, 5].map { width in
            document.rendered(as: .table(width: width, colour: false)).split(separator: "\n").last.map(String.init)
        }
        #expect(
            lines == [
                "first-of-all  1970-01-01 00:00:00  third-of-all  fourth",
                "first-of-all  1970-01-01 00:00:00  third-of-all",
                "first-of-all  1970-01-01 00:00:00  third-of-all",
                "first-of-all  1970-01-01 00:00:00", "first-of-all", "firs…",
            ]
        )
    }

    @Test("keeps the end of a line of code, where its number is")
    func sites() {
        let document = table(
            [[.text("src/orders/handler.py:1234"), .text("x")]],
            [ReportDocument.Column("a", "A"), ReportDocument.Column("b", "B")]
        )
        let text = document.rendered(as: .table(width: 18, colour: false))
        #expect(text.split(separator: "\n").last == "…andler.py:1234  x")
    }

    @Test("leaves columns out that are hidden or empty")
    func leftOut() {
        let document = table(
            [[.text("a"), .none, .text("secret")]],
            [
                ReportDocument.Column("a", "A"), ReportDocument.Column("b", "B"),
                ReportDocument.Column("c", "C", isHidden: true),
            ]
        )
        #expect(document.rendered(as: .table(width: 80, colour: false)) == "A\na\n")
        #expect(
            document.rendered(as: .json) == #"{"schema":"loopwarden.test/1","rows":[{"a":"a","b":null,"c":"secret"}]}"#
                + "\n"
        )
    }

    @Test(
        "gives each cell its form for people and for programs",
        arguments: [
            (.none, "", "null"), (.text("a\nb\u{1B}"), "a\\nb\\x1b", #""a\nb\u001b""#), (.integer(-5), "-5", "-5"),
            (.flag(true), "yes", "true"), (.duration(.microseconds(1234)), "1.23 ms", "1234000"),
            (
                .time(WallTime(nanoseconds: 1_795_251_543_250_000_000)), "2026-11-21 10:59:03",
                #""2026-11-21T08:59:03.250Z""#
            ),
            (.size(912), "912 B", "912"), (.size(1234), "1.2 KiB", "1234"), (.size(5_000_000), "4.7 MiB", "5000000"),
            (.size(9_000_000_000_000), "8381.9 GiB", "9000000000000"), (.pair(shown: "s", ["p": 1]), "s", #"{"p":1}"#),
            (.marked("ok", .good), "ok", #""ok""#),
        ] as [(ReportDocument.Cell, String, String)]
    )
    func cells(_ cell: ReportDocument.Cell, _ people: String, _ programs: String) {
        let document = ReportDocument(
            schema: "s",
            title: "",
            sections: [ReportDocument.Section(key: "f", content: .fields([ReportDocument.Field("k", "K", cell)]))]
        )
        let reader = Reader(utcOffset: { _ in 7200 })
        let text = document.rendered(as: .table(width: 80, colour: false), for: reader)
        #expect(text == (people.isEmpty ? "" : "K  \(people)\n"))
        #expect(document.rendered(as: .json, for: reader) == "{\"schema\":\"s\",\"f\":{\"k\":\(programs)}}\n")
    }

    @Test("wraps long fields under themselves")
    func fields() {
        let fields = [
            ReportDocument.Field("a", "Short", .text("one")),
            ReportDocument.Field("b", "Longer", .text("words that go on and on until the line is full")),
        ]
        let document = ReportDocument(
            schema: "s",
            title: "T",
            sections: [ReportDocument.Section(key: "f", title: "Fields", content: .fields(fields))]
        )
        #expect(
            document.rendered(as: .table(width: 32, colour: false)) == """
                Fields
                Short   one
                Longer  words that go on and on
                        until the line is full

                """
        )
    }
}
