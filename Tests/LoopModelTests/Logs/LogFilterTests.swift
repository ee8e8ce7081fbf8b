import LoopModel
import Testing

@Suite("Filters of logs") struct LogFilterTests {
    @Test(
        "hold a line with the text anywhere in it, byte for byte",
        arguments: [
            ("a refused order", "refused", true), ("a refused order", "a", true), ("a refused order", "order", true),
            ("a refused order", "a refused order", true), ("a refused order", "orders", false),
            ("a refused order", "Refused", false), ("rererefused", "refused", true), ("aab", "ab", true),
            ("", "a", false), ("größer", "ö", true), ("größer", "o", false),
            ("tail\n", "l\n", true), ("e\u{301}", "é", false),
        ]
    )
    func text(_ line: String, _ wanted: String, _ isHeld: Bool) {
        let line = LogLine(
            at: WallTime(nanoseconds: 0),
            function: FunctionName(sanitizing: "orders"),
            environment: nil,
            text: line
        )
        #expect(LogFilter(text: wanted).matches(line) == isHeld)
    }
}
