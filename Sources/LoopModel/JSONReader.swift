/// Reads JSON text (RFC 8259): into values, or only as far as to know where each part begins and ends.
package struct JSONReader {
    /// Deeper nesting is refused, so that hostile text cannot exhaust the stack.
    package static let depthLimit = 256

    private let bytes: [UInt8]
    private var index: Int
    private let end: Int
    private var depth = 0

    private init(_ bytes: [UInt8], range: Range<Int>? = nil) {
        self.bytes = bytes
        index = range?.lowerBound ?? 0
        end = range?.upperBound ?? bytes.count
    }

    /// Reads one value that takes up all of the text.
    ///
    /// A number that neither `Int64` nor `Double` can hold becomes ``JSON/raw(_:)``. Of equal keys the first counts.
    ///
    /// - Throws: ``JSONFailure`` with the place of the first mistake.
    package static func value(of bytes: [UInt8]) throws(JSONFailure) -> JSON {
        var reader = JSONReader(bytes)
        let value = try reader.value()
        try reader.expectEnd()
        return value
    }

    /// Finds out whether the text is one JSON value, without making it.
    ///
    /// - Throws: ``JSONFailure`` with the place of the first mistake.
    package static func validate(_ bytes: [UInt8]) throws(JSONFailure) {
        var reader = JSONReader(bytes)
        try reader.skipValue()
        try reader.expectEnd()
    }

    /// The members of an object with the text of each value, which is checked and not read.
    ///
    /// - Throws: ``JSONFailure`` with the place of the first mistake, also when the text is not an object.
    package static func members(of bytes: [UInt8]) throws(JSONFailure) -> [(key: String, value: ArraySlice<UInt8>)] {
        var reader = JSONReader(bytes)
        var members: [(key: String, value: ArraySlice<UInt8>)] = []
        reader.skipBlanks()
        guard reader.peek == UInt8(ascii: "{") else { throw reader.failure("an object is expected") }
        try reader.object { (reader, key) throws(JSONFailure) in
            reader.skipBlanks()
            let start = reader.index
            try reader.skipValue()
            members.append((key, bytes[start..<reader.index]))
        }
        try reader.expectEnd()
        return members
    }

    // MARK: Values

    private mutating func value() throws(JSONFailure) -> JSON {
        skipBlanks()
        switch peek {
        case UInt8(ascii: "{"):
            var members: [JSON.Member] = []
            try object { (reader, key) throws(JSONFailure) in
                members.append(JSON.Member(key, try reader.value()))
            }
            return .object(members)
        case UInt8(ascii: "["):
            var values: [JSON] = []
            try array { (reader) throws(JSONFailure) in values.append(try reader.value()) }
            return .array(values)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"):
            try word("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try word("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try word("null")
            return .null
        default:
            let text = String(decoding: bytes[try number()], as: UTF8.self)
            if let integer = Int64(text) { return .int(integer) }
            if let double = Double(text), double.isFinite, text.utf8.contains(where: { $0 == 46 || $0 | 32 == 101 }) {
                return .double(double)
            }
            return .raw(text)
        }
    }

    private mutating func skipValue() throws(JSONFailure) {
        skipBlanks()
        switch peek {
        case UInt8(ascii: "{"): try object { (reader, _) throws(JSONFailure) in try reader.skipValue() }
        case UInt8(ascii: "["): try array { (reader) throws(JSONFailure) in try reader.skipValue() }
        case UInt8(ascii: "\""): if !skipPlainString() { _ = try string() }
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        default: _ = try number()
        }
    }

    private mutating func object(
        _ member: (inout JSONReader, String) throws(JSONFailure) -> Void
    ) throws(JSONFailure) {
        try open()
        if take(UInt8(ascii: "}")) { return depth -= 1 }
        repeat {
            skipBlanks()
            guard peek == UInt8(ascii: "\"") else { throw failure("a key in double quotes is expected") }
            let key = try string()
            guard take(UInt8(ascii: ":")) else { throw failure("\":\" is expected after a key") }
            try member(&self, key)
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw failure("\",\" or \"}\" is expected") }
        depth -= 1
    }

    private mutating func array(_ element: (inout JSONReader) throws(JSONFailure) -> Void) throws(JSONFailure) {
        try open()
        if take(UInt8(ascii: "]")) { return depth -= 1 }
        repeat { try element(&self) } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw failure("\",\" or \"]\" is expected") }
        depth -= 1
    }

    private mutating func open() throws(JSONFailure) {
        depth += 1
        guard depth <= Self.depthLimit else { throw failure("more than \(Self.depthLimit) levels of nesting") }
        index += 1
    }

    // MARK: Words

    private mutating func string() throws(JSONFailure) -> String {
        index += 1
        let start = index
        while let byte = peek, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { index += 1 }
        guard peek != UInt8(ascii: "\"") else {
            index += 1
            return try text(bytes[start..<index - 1], from: start)
        }
        var parts = Array(bytes[start..<index])
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                index += 1
                return try text(parts[...], from: start)
            case UInt8(ascii: "\\"): try escape(into: &parts)
            case ..<0x20: throw failure("a control character in a string must be written as an escape")
            default:
                parts.append(byte)
                index += 1
            }
        }
        throw failure("the string does not end")
    }

    /// Passes over a string of nothing but printable ASCII without making it; stays where it is before any other.
    private mutating func skipPlainString() -> Bool {
        var place = index + 1
        while place < end {
            switch bytes[place] {
            case UInt8(ascii: "\""):
                index = place + 1
                return true
            case UInt8(ascii: "\\"), ..<0x20, 0x80...: return false
            default: place += 1
            }
        }
        return false
    }

    private func text(_ bytes: ArraySlice<UInt8>, from start: Int) throws(JSONFailure) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw failure("the string is not UTF-8", at: start)
        }
        return text
    }

    private mutating func escape(into parts: inout [UInt8]) throws(JSONFailure) {
        index += 1
        guard let byte = peek else { throw failure("the string does not end") }
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): parts.append(byte)
        case UInt8(ascii: "b"): parts.append(8)
        case UInt8(ascii: "f"): parts.append(12)
        case UInt8(ascii: "n"): parts.append(10)
        case UInt8(ascii: "r"): parts.append(13)
        case UInt8(ascii: "t"): parts.append(9)
        case UInt8(ascii: "u"):
            index += 1
            var unit = try fourDigits()
            if (0xD800..<0xDC00).contains(unit), index + 1 < end, bytes[index] == UInt8(ascii: "\\"),
                bytes[index + 1] == UInt8(ascii: "u")
            {
                let start = index
                index += 2
                let low = try fourDigits()
                if (0xDC00..<0xE000).contains(low) {
                    unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
                } else {
                    index = start
                }
            }
            // A lone surrogate is no character; Python's json lets it through, so it must not be an error here.
            parts += String(Character(Unicode.Scalar(unit) ?? "\u{FFFD}")).utf8
            return
        default: throw failure("an unknown escape")
        }
        index += 1
    }

    private mutating func fourDigits() throws(JSONFailure) -> UInt32 {
        guard index + 4 <= end, bytes[index..<index + 4].allSatisfy({ Self.hexadecimal($0) != nil }) else {
            throw failure("four hexadecimal digits are expected")
        }
        defer { index += 4 }
        return bytes[index..<index + 4].reduce(0) { $0 << 4 + UInt32(Self.hexadecimal($1) ?? 0) }
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - 48
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - 87
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - 55
        default: nil
        }
    }

    private mutating func number() throws(JSONFailure) -> Range<Int> {
        let start = index
        if peek == UInt8(ascii: "-") { index += 1 }
        if peek == UInt8(ascii: "0") {
            index += 1
        } else {
            try digits(orElse: start == index ? "a JSON value is expected" : "a digit is expected")
        }
        if peek == UInt8(ascii: ".") {
            index += 1
            try digits(orElse: "a digit is expected")
        }
        if let byte = peek, byte | 32 == UInt8(ascii: "e") {
            index += 1
            if let sign = peek, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { index += 1 }
            try digits(orElse: "a digit is expected")
        }
        return start..<index
    }

    private mutating func digits(orElse message: String) throws(JSONFailure) {
        let start = index
        while let byte = peek, (48...57).contains(byte) { index += 1 }
        guard index > start else { throw failure(message) }
    }

    private mutating func word(_ word: StaticString) throws(JSONFailure) {
        let length = word.utf8CodeUnitCount
        let matches = index + length <= end && (0..<length).allSatisfy { bytes[index + $0] == word.utf8Start[$0] }
        guard matches else { throw failure("a JSON value is expected") }
        index += length
    }

    // MARK: Bytes

    private var peek: UInt8? { index < end ? bytes[index] : nil }

    private mutating func skipBlanks() {
        while let byte = peek, byte == 32 || byte == 10 || byte == 13 || byte == 9 { index += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipBlanks()
        guard peek == byte else { return false }
        index += 1
        return true
    }

    private mutating func expectEnd() throws(JSONFailure) {
        skipBlanks()
        guard index == end else { throw failure("there is something after the value") }
    }

    private func failure(_ message: String, at place: Int? = nil) -> JSONFailure {
        let before = bytes[..<min(place ?? index, end)]
        let lineStart = before.lastIndex(of: 10).map { $0 + 1 } ?? 0
        // Columns are characters, as editors count them: bytes that go on with a character do not count.
        return JSONFailure(
            line: before.count { $0 == 10 } + 1,
            column: before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1,
            message: index >= end && place == nil ? "the text ends too early; \(message)" : message
        )
    }
}

/// Text that is not JSON, with the place of the first mistake.
package struct JSONFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// Counted from 1.
    package var line: Int
    /// In characters, counted from 1.
    package var column: Int
    package var message: String

    package init(line: Int, column: Int, message: String) {
        self.line = line
        self.column = column
        self.message = message
    }

    package var description: String { "line \(line), column \(column): \(message)" }
}

extension JSON {
    /// The text of a string.
    package var stringValue: String? { if case .string(let text) = self { text } else { nil } }

    /// A whole number.
    package var intValue: Int? { if case .int(let number) = self { Int(exactly: number) } else { nil } }

    /// Any number.
    package var doubleValue: Double? {
        switch self {
        case .int(let number): Double(number)
        case .double(let number): number
        default: nil
        }
    }

    package var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }

    /// The elements of an array.
    package var elements: [JSON]? { if case .array(let values) = self { values } else { nil } }

    /// The members of an object.
    package var members: [Member]? { if case .object(let members) = self { members } else { nil } }
}
