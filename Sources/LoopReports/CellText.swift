import LoopModel

extension ReportDocument.Cell {
    /// What people read, on one line and without anything that a terminal would obey.
    func text(for reader: Reader) -> String {
        switch self {
        case .none: ""
        case .text(let text): text.visible
        case .integer(let number): String(number)
        case .flag(let flag): flag ? "yes" : "no"
        case .duration(let duration): duration.spoken
        case .time(let time): time.local(for: reader)
        case .size(let bytes): Self.spoken(bytes: bytes)
        case .pair(let shown, _): shown.visible
        case .marked(let word, _): word.visible
        }
    }

    /// What programs read.
    var json: JSON {
        switch self {
        case .none: .null
        case .text(let text): .string(text)
        case .integer(let number): .int(Int64(number))
        case .flag(let flag): .bool(flag)
        case .duration(let duration): .int(duration.nanoseconds)
        case .time(let time): .string(time.rfc3339)
        case .size(let bytes): .int(Int64(bytes))
        case .pair(_, let value): value
        case .marked(let word, _): .string(word)
        }
    }

    /// How the word is meant.
    var mark: ReportDocument.Mark? {
        if case .marked(_, let mark) = self { mark } else { nil }
    }

    /// `912 B`, `1.2 KiB`, `3.4 MiB`.
    private static func spoken(bytes: Int) -> String {
        guard bytes.magnitude >= 1024 else { return "\(bytes) B" }
        var tenths = bytes.magnitude * 10 / 1024
        for unit in ["KiB", "MiB", "GiB"] {
            if tenths < 10_240 || unit == "GiB" {
                return "\(bytes < 0 ? "-" : "")\(tenths / 10).\(tenths % 10) \(unit)"
            }
            tenths /= 1024
        }
        return "\(bytes) B"
    }
}

extension WallTime {
    /// `2026-11-21 09:59:03`, as the reader's clocks show it.
    func local(for reader: Reader) -> String {
        let shifted = WallTime(nanoseconds: nanoseconds + Int64(reader.utcOffset(self)) * 1_000_000_000)
        return String(shifted.rfc3339.prefix(19)).replacing("T", with: " ")
    }
}
