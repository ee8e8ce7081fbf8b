/// The error type that a runtime gives in `Lambda-Runtime-Function-Error-Type`, as far as it is one.
package enum RuntimeErrorType {
    /// Kept if it has `Runtime.` or `Function.` and a word with a capital letter in it, as AWS Lambda's emulator does.
    package static func valid(_ text: String) -> String {
        if ["Runtime.", "Function."].contains(where: { isNamed(text, after: $0) }) { return text }
        return text.hasPrefix("Function.") ? "Function.Unknown" : "Runtime.Unknown"
    }

    /// `(Runtime|Function)\.[A-Z][a-zA-Z]+`, anywhere.
    private static func isNamed(_ text: String, after prefix: String) -> Bool {
        text.ranges(of: prefix).contains { range in
            let rest = text[range.upperBound...].utf8
            guard let first = rest.first, (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first) else { return false }
            guard let second = rest.dropFirst().first else { return false }
            return (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(second)
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(second)
        }
    }
}
