import LoopModel
import Testing

@Suite("Reading JSON") struct JSONReaderTests {
    private func mistake(in text: String) -> JSONFailure? {
        do throws(JSONFailure) {
            try JSONReader.validate(Array(text.utf8))
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "gives the value",
        arguments: [
            ("null", .null), (" true ", true), ("-0", 0), ("12", 12), ("1.5", .double(1.5)), ("1e2", .double(100)),
            ("9223372036854775808", .raw("9223372036854775808")), ("1e999", .raw("1e999")), (#""""#, ""),
            (#""a\"\\\/\b\f\n\r\té""#, "a\"\\/\u{8}\u{C}\n\r\té"), (#""\u00e9\ud83d\ude00""#, "é😀"),
            (#""\ud83d""#, "\u{FFFD}"), (#""\ud83dx""#, "\u{FFFD}x"), ("[]", []), ("[1,[2]]", [1, [2]]), ("{}", [:]),
            (#"{"b":1, "a":{"c":null}}"#, ["b": 1, "a": ["c": nil]]),
        ] as [(String, JSON)]
    )
    func values(_ text: String, _ value: JSON) throws {
        #expect(try JSONReader.value(of: Array(text.utf8)) == value)
        try JSONReader.validate(Array(text.utf8))
    }

    @Test(
        "says where the first mistake is",
        arguments: [
            ("", 1, 1), ("{", 1, 2), ("[1,]", 1, 4), ("{\"a\":1,}", 1, 8), ("{'a':1}", 1, 2), ("[1 2]", 1, 4),
            ("{\n  \"a\": nul\n}", 2, 8), ("\"ä\" x", 1, 5), ("\"\n\"", 1, 2), ("01", 1, 2), ("1.", 1, 3), ("-", 1, 2),
            ("+1", 1, 1), ("NaN", 1, 1), ("\"\\x\"", 1, 3), ("\"\\u12\"", 1, 4), ("\"abc", 1, 5), ("tru", 1, 1),
            ("{\"a\" 1}", 1, 6), ("1 1", 1, 3),
        ]
    )
    func mistakes(_ text: String, _ line: Int, _ column: Int) throws {
        let failure = try #require(mistake(in: text))
        #expect((failure.line, failure.column) == (line, column), "\(failure)")
        #expect(throws: failure) { try JSONReader.value(of: Array(text.utf8)) }
    }

    @Test("refuses text that is not UTF-8")
    func encoding() {
        #expect(throws: JSONFailure.self) { try JSONReader.value(of: [0x22, 0xFF, 0x22]) }
    }

    @Test("refuses nesting that could exhaust the stack")
    func depth() {
        let deepest = JSONReader.depthLimit
        #expect(mistake(in: String(repeating: "[", count: deepest) + String(repeating: "]", count: deepest)) == nil)
        #expect(mistake(in: String(repeating: "[", count: 1_000_000))?.message.contains("nesting") == true)
        #expect(mistake(in: String(repeating: "{\"a\":", count: 1_000_000))?.message.contains("nesting") == true)
    }

    @Test("cuts an object into its members without reading them")
    func members() throws {
        let text = #" { "a" : [1, {"x":2}] ,"b":"\u0041"} "#
        let members = try JSONReader.members(of: Array(text.utf8))
        #expect(members.map(\.key) == ["a", "b"])
        #expect(members.map { String(decoding: $0.value, as: UTF8.self) } == [#"[1, {"x":2}]"#, #""\u0041""#])
        #expect(throws: JSONFailure.self) { try JSONReader.members(of: Array("[]".utf8)) }
    }

    @Test("reads what is written")
    func roundTrip() throws {
        let value: JSON = ["text": "\u{0}\u{1F}\u{7F}\"ä😀", "list": [1, .double(0.1), true, nil, [:]], "": .int(.min)]
        #expect(try JSONReader.value(of: Array(value.text.utf8)) == value)
        #expect(try JSONReader.value(of: Array(value.indentedText.utf8)) == value)
    }
}
