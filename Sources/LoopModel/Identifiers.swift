/// The name by which a function is invoked; one plugin is one function.
///
/// Follows AWS Lambda's rule for function names: letters, digits, `-` and `_`, at most 64 characters.
package struct FunctionName: RawRepresentable, Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    package let rawValue: String

    package init?(rawValue: String) {
        guard (1...64).contains(rawValue.utf8.count), rawValue.utf8.allSatisfy(Self.isAllowed) else { return nil }
        self.rawValue = rawValue
    }

    /// Makes a valid name from any text, for plugins that are a bare file: `my.handler` becomes `my-handler`.
    package init(sanitizing text: String) {
        let kept = text.utf8.prefix(64).map { Self.isAllowed($0) ? $0 : UInt8(ascii: "-") }
        rawValue = kept.isEmpty ? "function" : String(decoding: kept, as: UTF8.self)
    }

    package var description: String { rawValue }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

/// Names one environment for ever: 32 hexadecimal digits, as in the log stream names of AWS Lambda.
package struct EnvironmentID: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    /// Makes a new one at random.
    package static func random() -> Self { Self(rawValue: hexadecimal(randomWords())) }

    package var description: String { rawValue }

    /// What tables for people show: enough digits to tell environments apart.
    package var short: String { String(rawValue.prefix(8)) }
}

/// Names one invocation for ever: a UUID of version 4, the handler's `context.aws_request_id`.
package struct InvocationID: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    /// Makes a new one at random (RFC 9562, version 4).
    package static func random() -> Self {
        var words = randomWords()
        words.high = words.high & ~0xF000 | 0x4000
        words.low = words.low & ~(0xC0 << 56) | 0x80 << 56
        return Self(rawValue: hexadecimal(words, hyphensBefore: [4, 6, 8, 10]))
    }

    package var description: String { rawValue }

    /// What tables for people show; commands accept any unambiguous prefix.
    package var short: String { String(rawValue.prefix(8)) }
}

/// The serial number that the probe gives a loop at its creation; unique in its environment and never reused,
/// unlike Python's `id()`.
package struct LoopSerial: RawRepresentable, Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package var description: String { "loop \(rawValue)" }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// Sixteen bytes from the system's generator.
private func randomWords() -> (high: UInt64, low: UInt64) {
    var generator = SystemRandomNumberGenerator()
    return (generator.next(), generator.next())
}

/// Thirty-two hexadecimal digits, with hyphens before some of the bytes: every invocation needs some, so no array is
/// made on the way.
private func hexadecimal(_ words: (high: UInt64, low: UInt64), hyphensBefore hyphens: [Int] = []) -> String {
    String(unsafeUninitializedCapacity: 32 + hyphens.count) { text in
        var count = 0
        for index in 0..<16 {
            if hyphens.contains(index) {
                text[count] = UInt8(ascii: "-")
                count += 1
            }
            let byte = UInt8(truncatingIfNeeded: (index < 8 ? words.high : words.low) >> (56 - 8 * (index % 8)))
            for digit in [byte >> 4, byte & 15] {
                text[count] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit
                count += 1
            }
        }
        return count
    }
}

/// Lower-case hexadecimal digits, two a byte.
package func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes {
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
}
