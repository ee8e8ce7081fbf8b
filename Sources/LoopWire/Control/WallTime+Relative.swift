package import LoopModel

extension WallTime {
    /// Reads a time as people write it: RFC 3339, a date, `now`, or how long ago (`90s`, `15m`, `2h`, `7d`, `1h30m`).
    package init?(_ text: String, before now: WallTime) {
        if let time = WallTime(rfc3339: text) ?? WallTime(rfc3339: "\(text)T00:00:00Z") {
            self = time
        } else if text == "now" {
            self = now
        } else if let ago = Self.nanoseconds(in: text) {
            self = WallTime(nanoseconds: now.nanoseconds - ago)
        } else {
            return nil
        }
    }

    private static func nanoseconds(in text: String) -> Int64? {
        var total: Int64 = 0
        var number: Int64?
        for byte in text.utf8 {
            if (48...57).contains(byte) {
                number = (number ?? 0) * 10 + Int64(byte - 48)
                // A thousand years are enough, and no sum below can overflow.
                guard let number, number <= 31_557_600_000 else { return nil }
                continue
            }
            guard let count = number, let seconds = seconds(ofUnit: byte) else { return nil }
            let (product, overflow) = count.multipliedReportingOverflow(by: seconds * 1_000_000_000)
            let (sum, tooMuch) = total.addingReportingOverflow(product)
            guard !overflow, !tooMuch else { return nil }
            (total, number) = (sum, nil)
        }
        return number == nil && !text.isEmpty ? total : nil
    }

    private static func seconds(ofUnit byte: UInt8) -> Int64? {
        switch byte {
        case UInt8(ascii: "s"): 1
        case UInt8(ascii: "m"): 60
        case UInt8(ascii: "h"): 3600
        case UInt8(ascii: "d"): 86_400
        case UInt8(ascii: "w"): 604_800
        default: nil
        }
    }
}
