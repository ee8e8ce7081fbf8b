import LoopModel
import LoopReports
import Testing

@Suite("Every report")
struct ReportTests {
    private static let request = ReportRequest(
        invocation: "2222",
        live: LiveState(
            functions: SampleHistory.live.functions,
            environments: SampleHistory.live.environments,
            provisioned: SampleHistory.provisioned,
            daemon: [
                ReportDocument.Field("version", "Loopwarden", .text("0.1.0")),
                ReportDocument.Field("state", "State", .marked("ready", .good)),
                ReportDocument.Field("startedAt", "Up since", .time(SampleHistory.start)),
            ],
            troubles: ["The detection \u{1B}[1m`running` is off in 1 environment."]
        )
    )
    /// In Kathmandu, where clocks differ by an odd amount; with a source for `handler.py`.
    private static let reader = Reader(
        utcOffset: { _ in 20_700 },
        source: { _, line in
            [8: "    try:", 9: "\treturn loop.run_until_complete(work())  \n", 11: "    loop.close()"][line.line]
        }
    )
    private static let formats: [(name: String, format: OutputFormat)] = [
        ("wide.txt", .table(width: 160, colour: false)), ("narrow.txt", .table(width: 72, colour: false)),
        ("colour.txt", .table(width: 100, colour: true)), ("unlimited.txt", .table(width: 0, colour: false)),
        ("json", .json), ("html", .html),
    ]

    private func document(_ name: String, isEmpty: Bool = false) async throws -> ReportDocument {
        let request = isEmpty ? ReportRequest() : Self.request
        return try await AllReports.report(named: name).document(for: request, from: SampleHistory(isEmpty: isEmpty))
    }

    @Test("has a name of its own and says what it answers")
    func names() {
        #expect(Set(AllReports.names).count == AllReports.list.count)
        #expect(
            AllReports.names == [
                "history", "show", "loops", "findings", "alerts", "status", "functions", "environments", "logs",
                "preload",
            ]
        )
        #expect(AllReports.list.allSatisfy { $0.summary.hasSuffix(".") && $0.schema == "loopwarden.\($0.name)/1" })
        #expect(throws: ReportFailure.unknownReport("nothing")) { try AllReports.report(named: "nothing") }
    }

    @Test("is rendered as it was when it was looked at", arguments: AllReports.names, formats.map(\.name))
    func golden(_ name: String, _ formatName: String) async throws {
        let format = try #require(Self.formats.first { $0.name == formatName }?.format)
        let text = try await document(name).rendered(as: format, for: Self.reader)
        try GoldenFile(name: "\(name).\(formatName)").expect(text)
    }

    @Test(
        "has tables that fit the terminal, whatever its width",
        arguments: AllReports.names,
        [1, 20, 40, 72, 100, 160]
    )
    func width(_ name: String, _ width: Int) async throws {
        var document = try await document(name)
        document.sections.removeAll { if case .table = $0.content { $0.key == "troubles" } else { true } }
        for index in document.sections.indices { document.sections[index].title = "" }
        let text = document.rendered(as: .table(width: width, colour: false), for: Self.reader)
        for line in text.split(separator: "\n") { #expect(columns(of: line) <= width, "\(line)") }
        #expect(name == "show" || text.isEmpty == document.sections.isEmpty)
    }

    @Test("wraps prose to the terminal", arguments: [60, 72, 100])
    func prose(_ width: Int) async throws {
        let document = ReportDocument(
            schema: "s",
            title: "",
            sections: [ReportDocument.Section(key: "f", content: .findings([SampleHistory.finding]))]
        )
        let text = document.rendered(as: .table(width: width, colour: false), for: Self.reader)
        for line in text.split(separator: "\n") { #expect(columns(of: line) <= width, "\(line)") }
    }

    @Test("lets nothing through that a terminal would obey", arguments: AllReports.names)
    func harmless(_ name: String) async throws {
        let document = try await document(name)
        for width in [0, 40, 100] {
            let text = document.rendered(as: .table(width: width, colour: false))
            #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || (0x7F...0x9F).contains($0.value) })
            #expect(!text.unicodeScalars.contains { (0x202A...0x202E).contains($0.value) })
            let coloured = document.rendered(as: .table(width: width, colour: true))
            #expect(coloured.replacing(/\u{1B}\[[0-9]*m/, with: "") == text, "colour changes nothing but colours")
        }
    }

    @Test("has JSON that is JSON, with the schema first", arguments: AllReports.names)
    func json(_ name: String) async throws {
        let text = try await document(name).rendered(as: .json)
        let value = try JSONReader.value(of: Array(text.utf8))
        #expect(value.members?.first == JSON.Member("schema", .string("loopwarden.\(name)/1")))
        #expect(text.hasSuffix("}\n") && text.count { $0 == "\n" } == 1)
    }

    @Test("has HTML in which nothing from a handler is markup", arguments: AllReports.names)
    func html(_ name: String) async throws {
        let text = try await document(name).rendered(as: .html)
        #expect(!text.contains("<script") && !text.contains("http://") && !text.contains("src="))
        for tag in ["table", "tr", "td", "th", "article", "p", "pre", "code", "h1", "h2", "h3"] {
            #expect(text.count(of: "<\(tag)>") + text.count(of: "<\(tag) ") == text.count(of: "</\(tag)>"), "\(tag)")
        }
    }

    @Test("says that there is nothing rather than nothing at all", arguments: AllReports.names.filter { $0 != "show" })
    func empty(_ name: String) async throws {
        let document = try await document(name, isEmpty: true)
        #expect(document.rendered(as: .table(width: 80, colour: false)).count > 10)
        #expect(document.rendered(as: .html).contains("</html>"))
    }

    @Test("survives the way from the daemon to a command unchanged", arguments: AllReports.names)
    func coding(_ name: String) async throws {
        let document = try await document(name)
        #expect(try DocumentCoding.decode(DocumentCoding.encode(document)) == document)
    }

    @Test("shows no secret", arguments: formats.map(\.name))
    func secrets(_ formatName: String) async throws {
        let format = try #require(Self.formats.first { $0.name == formatName }?.format)
        let text = try await document("functions").rendered(as: format)
        #expect(!text.contains("hidden"))
        #expect(text.contains("SECRET") == (formatName == "json"))
    }

    @Test("says what is wrong when there is no such invocation")
    func noInvocation() async throws {
        let show = ShowReport()
        await #expect(throws: ReportFailure.invocationMissing) {
            try await show.document(for: ReportRequest(), from: SampleHistory())
        }
        await #expect(throws: ReportFailure.invocationNotFound("ffff")) {
            try await show.document(for: ReportRequest(invocation: "ffff"), from: SampleHistory())
        }
        #expect(ReportFailure.invocationNotFound("ffff").hint.contains("loopwarden history"))
    }

    private func columns(of line: some StringProtocol) -> Int {
        line.reduce(0) { $0 + ($1.unicodeScalars.first.map { $0.value >= 0x2E80 } == true ? 2 : 1) }
    }
}

extension String {
    fileprivate func count(of part: String) -> Int { ranges(of: part).count }
}
