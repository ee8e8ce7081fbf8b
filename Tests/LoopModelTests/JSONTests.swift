import LoopModel
import Testing

@Suite("JSON")
struct JSONTests {
    @Test(
        "escapes what RFC 8259 wants escaped, and no more",
        arguments: [
            ("plain", #""plain""#), ("\"\\/", #""\"\\/""#), ("\n\r\t", #""\n\r\t""#),
            ("\u{0}\u{1B}\u{7F}", #""\u0000\u001b\u007f""#), ("äß漢🙂", "\"äß漢🙂\""),
        ]
    )
    func escapes(_ text: String, _ expected: String) {
        #expect(JSON.string(text).text == expected)
    }

    @Test("keeps the order of keys")
    func order() {
        let value: JSON = ["b": 1, "a": [true, nil, "x"], "c": [:]]
        #expect(value.text == #"{"b":1,"a":[true,null,"x"],"c":{}}"#)
        #expect(value["a"] == [true, nil, "x"])
        #expect(value["z"] == nil && JSON.null["a"] == nil)
    }

    @Test("writes numbers that JSON has")
    func numbers() {
        #expect(JSON.double(.infinity).text == "null")
        #expect(JSON.double(.nan).text == "null")
        #expect(JSON.double(0.5).text == "0.5")
        #expect(JSON.int(.min).text == "-9223372036854775808")
        #expect(JSON(Int?.none).text == "null" && JSON(String?.none).text == "null")
    }

    @Test("is read as it was written, whatever is in it")
    func roundTrip() throws {
        let value: JSON = [
            "text": .string(String(String.UnicodeScalarView((0..<0x250).compactMap(Unicode.Scalar.init)))),
            "numbers": [.int(.min), .int(.max), .double(1.5), .double(-2e30)],
            "nested": [[[["deep": nil]]]], "": [true, false],
        ]
        #expect(try JSONReader.value(of: Array(value.text.utf8)) == value)
    }

    @Test("a finding is read as it was written")
    func findings() throws {
        let site = CodeLine(file: "handler.py", line: 9, function: "handler")
        let finding = Finding(
            rule: "closed-loop-reuse",
            code: "LW201",
            severity: .error,
            function: FunctionName(sanitizing: "orders"),
            environment: EnvironmentID(rawValue: "abc"),
            invocation: InvocationID(rawValue: "id"),
            ordinal: 1,
            site: site,
            related: [
                RelatedSite(role: .created, ordinal: nil, line: site), RelatedSite(role: .used, ordinal: 1, line: site),
            ],
            message: "It happened.",
            advice: "Do not."
        )
        let text = finding.json.text
        #expect(text.hasPrefix(#"{"rule":"closed-loop-reuse","code":"LW201","severity":"error","function":"orders","#))
        #expect(text.contains(#""invocation":{"id":"id","ordinal":1},"site":{"file":"handler.py","line":9,"#))
        #expect(text.contains(#"{"role":"created","invocation":null,"file":"handler.py","#))
        #expect(try Finding(json: JSONReader.value(of: Array(text.utf8))) == finding)
    }
}
