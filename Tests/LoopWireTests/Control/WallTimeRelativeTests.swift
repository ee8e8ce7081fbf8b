import LoopModel
import LoopWire
import Testing

@Suite("Times as people write them") struct WallTimeRelativeTests {
    static let now = WallTime(nanoseconds: 1_795_251_543_000_000_000)

    @Test(
        "are understood",
        arguments: [
            ("now", "2026-11-21T08:59:03.000Z"), ("0s", "2026-11-21T08:59:03.000Z"),
            ("90s", "2026-11-21T08:57:33.000Z"), ("15m", "2026-11-21T08:44:03.000Z"),
            ("2h", "2026-11-21T06:59:03.000Z"), ("7d", "2026-11-14T08:59:03.000Z"),
            ("1w", "2026-11-14T08:59:03.000Z"), ("1h30m", "2026-11-21T07:29:03.000Z"),
            ("2026-11-20", "2026-11-20T00:00:00.000Z"), ("2026-11-20T01:02:03.5Z", "2026-11-20T01:02:03.500Z"),
        ]
    )
    func understood(_ text: String, _ time: String) {
        #expect(WallTime(text, before: Self.now)?.rfc3339 == time)
    }

    @Test(
        "are refused when they are something else",
        arguments: ["", " ", "5", "m", "-5m", "5 m", "5M", "1.5h", "yesterday", "99999999999999999999d", "9999999999w"]
    )
    func refused(_ text: String) {
        #expect(WallTime(text, before: Self.now) == nil)
    }
}
