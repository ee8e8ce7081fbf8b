import LoopModel
import Testing

@Suite("Times")
struct TimeTests {
    @Test(
        "are written as RFC 3339 in UTC",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_795_251_543_250_000_000, "2026-11-21T08:59:03.250Z"),
            (951_782_400_000_000_000, "2000-02-29T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (4_102_444_799_999_000_000, "2099-12-31T23:59:59.999Z"),
            (-2_208_988_800_000_000_000, "1900-01-01T00:00:00.000Z"),
        ] as [(Int64, String)]
    )
    func written(_ nanoseconds: Int64, _ text: String) {
        #expect(WallTime(nanoseconds: nanoseconds).rfc3339 == text)
    }

    @Test("are read back to the millisecond, over four centuries")
    func roundTrip() {
        for day in stride(from: Int64(-73_000), to: 73_000, by: 13) {
            let time = WallTime(nanoseconds: day * 86_400_000_000_000 + (day &* 37_987_123 % 86_400_000) * 1_000_000)
            #expect(WallTime(rfc3339: time.rfc3339) == time)
        }
    }

    @Test(
        "are read with offsets, without fractions, in small letters",
        arguments: [
            ("2026-11-21T08:59:03Z", 1_795_251_543_000_000_000),
            ("2026-11-21t08:59:03.5z", 1_795_251_543_500_000_000),
            ("2026-11-21 10:59:03.123456789+02:00", 1_795_251_543_123_456_789),
            ("2026-11-21T03:29:03-05:30", 1_795_251_543_000_000_000),
        ] as [(String, Int64)]
    )
    func read(_ text: String, _ nanoseconds: Int64) {
        #expect(WallTime(rfc3339: text)?.nanoseconds == nanoseconds)
    }

    @Test(
        "are not read from anything else",
        arguments: [
            "", "yesterday", "2026-11-21", "2026-11-21T08:59:03", "2026-13-21T08:59:03Z", "2026-11-21T24:59:03Z",
            "2026-11-21T08:59:03Zjunk", "2026-11-21T08:59:03+0200", "2026/11/21T08:59:03Z", "٢٠٢٦-11-21T08:59:03Z",
        ]
    )
    func refused(_ text: String) {
        #expect(WallTime(rfc3339: text) == nil)
    }

    @Test(
        "durations are spoken with three digits",
        arguments: [
            (.zero, "0 ns"), (.nanoseconds(870), "870 ns"), (.nanoseconds(1000), "1.00 µs"),
            (.nanoseconds(12_340), "12.3 µs"), (.nanoseconds(4_567_000), "4.56 ms"), (.milliseconds(999), "999 ms"),
            (.milliseconds(1200), "1.20 s"), (.seconds(119), "119 s"), (.seconds(200), "3 min 20 s"),
            (.seconds(7200 + 60), "2 h 1 min"),
        ] as [(Duration, String)]
    )
    func spoken(_ duration: Duration, _ text: String) {
        #expect(duration.spoken == text)
    }

    @Test("durations become nanoseconds and saturate")
    func nanoseconds() {
        #expect(Duration.milliseconds(-1500).nanoseconds == -1_500_000_000)
        #expect(Duration.seconds(Int64.max).nanoseconds == .max)
        #expect(Instant(nanoseconds: 5) + .nanoseconds(7) == Instant(nanoseconds: 12))
        #expect(Instant(nanoseconds: 5) - Instant(nanoseconds: 7) == .nanoseconds(-2))
    }
}
