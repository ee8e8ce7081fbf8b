/// An instant of the machine's monotonic clock (CLOCK_MONOTONIC), in nanoseconds.
///
/// All durations, deadlines and orders come from this clock; it is the same in the daemon and in its workers, and
/// means nothing after a reboot.
package struct Instant: Hashable, Comparable, Sendable, Codable {
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

    package static func + (left: Self, right: Duration) -> Self {
        Self(nanoseconds: left.nanoseconds &+ right.nanoseconds)
    }

    package static func - (left: Self, right: Self) -> Duration {
        .nanoseconds(left.nanoseconds &- right.nanoseconds)
    }
}

/// A moment of the calendar (CLOCK_REALTIME), in nanoseconds since 1970-01-01 UTC; shown to people, never subtracted.
package struct WallTime: Hashable, Comparable, Sendable, Codable {
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

    /// RFC 3339 in UTC with milliseconds, as in `2026-11-21T08:59:03.250Z`.
    package var rfc3339: String {
        let milliseconds = nanoseconds / 1_000_000 - (nanoseconds % 1_000_000 < 0 ? 1 : 0)
        var days = milliseconds / 86_400_000
        var rest = milliseconds % 86_400_000
        if rest < 0 {
            rest += 86_400_000
            days -= 1
        }
        let date = Self.civil(fromDays: days)
        let (hour, minute) = (rest / 3_600_000, rest / 60_000 % 60)
        let (second, fraction) = (rest / 1000 % 60, rest % 1000)
        guard (0...9999).contains(date.year) else {
            return "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))T"
                + "\(padded(hour, 2)):\(padded(minute, 2)):\(padded(second, 2)).\(padded(fraction, 3))Z"
        }
        // Every reply has one, and made of eight small strings it took longer than the rest of the reply.
        return String(unsafeUninitializedCapacity: 24) { text in
            var count = 0
            func put(_ number: Int64, _ width: Int, _ separator: Unicode.Scalar) {
                var rest = number
                for index in stride(from: count + width - 1, through: count, by: -1) {
                    text[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                    rest /= 10
                }
                text[count + width] = UInt8(ascii: separator)
                count += width + 1
            }
            put(date.year, 4, "-")
            put(date.month, 2, "-")
            put(date.day, 2, "T")
            put(hour, 2, ":")
            put(minute, 2, ":")
            put(second, 2, ".")
            put(fraction, 3, "Z")
            return count
        }
    }

    /// Reads what ``rfc3339`` writes, with or without a fraction, and with `Z` or a numeric offset.
    package init?(rfc3339 text: String) {
        let bytes = Array(text.utf8)
        func number(_ range: Range<Int>) -> Int64? {
            guard range.upperBound <= bytes.count else { return nil }
            let digits = bytes[range]
            guard digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
            return digits.reduce(0) { $0 * 10 + Int64($1 - 48) }
        }
        guard bytes.count >= 20, bytes[4] == 45, bytes[7] == 45, bytes[10] == 84 || bytes[10] == 32 || bytes[10] == 116,
            bytes[13] == 58, bytes[16] == 58,
            let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 61
        else { return nil }
        var index = 19
        var fraction: Int64 = 0
        if bytes[index] == 46 {
            index += 1
            var scale: Int64 = 100_000_000
            while index < bytes.count, (48...57).contains(bytes[index]) {
                fraction += Int64(bytes[index] - 48) * scale
                scale /= 10
                index += 1
            }
        }
        guard index < bytes.count else { return nil }
        var offset: Int64 = 0
        switch bytes[index] {
        case 90, 122: guard index + 1 == bytes.count else { return nil }
        case 43, 45:
            guard index + 6 == bytes.count, bytes[index + 3] == 58, let hours = number(index + 1..<index + 3),
                let minutes = number(index + 4..<index + 6)
            else { return nil }
            offset = (hours * 60 + minutes) * (bytes[index] == 43 ? 60 : -60)
        default: return nil
        }
        let seconds = Self.days(year: year, month: month, day: day) * 86_400 + hour * 3600 + minute * 60 + second
        nanoseconds = (seconds - offset) * 1_000_000_000 + fraction
    }

    /// The calendar date that many days after 1970-01-01, by Howard Hinnant's public-domain `civil_from_days`.
    private static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    /// The inverse of ``civil(fromDays:)``.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

extension Duration {
    /// The whole duration in nanoseconds; saturates at some 292 years.
    package var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        return product &+ attoseconds / 1_000_000_000
    }

    /// For people: `870 ns`, `12.3 µs`, `4.56 ms`, `1.20 s`, `3 min 20 s`.
    package var spoken: String {
        let count = nanoseconds
        switch count.magnitude {
        case ..<1000: return "\(count) ns"
        case ..<1_000_000: return "\(decimal(count, unit: 1000)) µs"
        case ..<1_000_000_000: return "\(decimal(count, unit: 1_000_000)) ms"
        case ..<120_000_000_000: return "\(decimal(count, unit: 1_000_000_000)) s"
        default:
            let seconds = count / 1_000_000_000
            return seconds.magnitude < 7200
                ? "\(seconds / 60) min \(seconds.magnitude % 60) s"
                : "\(seconds / 3600) h \(seconds.magnitude / 60 % 60) min"
        }
    }
}

/// `value / unit` with three significant digits.
private func decimal(_ value: Int64, unit: Int64) -> String {
    let whole = value / unit
    let thousandths = (value.magnitude % unit.magnitude) * 1000 / unit.magnitude
    switch whole.magnitude {
    case ..<10: return "\(whole).\(padded(Int64(thousandths / 10), 2))"
    case ..<100: return "\(whole).\(thousandths / 100)"
    default: return "\(whole)"
    }
}

private func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return digits.count >= width ? digits : String(repeating: "0", count: width - digits.count) + digits
}
