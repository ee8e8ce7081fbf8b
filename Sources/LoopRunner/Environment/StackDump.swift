internal import LoopModel

/// The stack of one Python thread, as `faulthandler` has written it.
struct StackDump: Hashable {
    /// The innermost first.
    var frames: [CodeLine]

    init(frames: [CodeLine]) { self.frames = frames }

    /// Reads the last stack in `text`; nil when there is none, or its end is not there yet.
    init?(_ text: String) {
        guard text.hasSuffix("\n") else { return nil }
        var frames: [CodeLine]?
        for line in text.split(separator: "\n") {
            if line.hasPrefix(Self.title) {
                frames = []
            } else if let frame = Self.frame(line) {
                frames?.append(frame)
            }
        }
        guard let frames, !frames.isEmpty else { return nil }
        self.frames = frames
    }

    private static let title = "Stack (most recent call first):"

    /// One line, as in `  File "/app/handler.py", line 9 in handler`.
    private static func frame(_ line: Substring) -> CodeLine? {
        let head = "  File \"", middle = "\", line "
        guard line.hasPrefix(head), let place = line.ranges(of: middle).last else { return nil }
        let file = line[line.index(line.startIndex, offsetBy: head.count)..<place.lowerBound]
        let rest = line[place.upperBound...]
        guard let split = rest.firstRange(of: " in "), let number = Int(rest[..<split.lowerBound]) else { return nil }
        return CodeLine(file: unescaped(file), line: number, function: unescaped(rest[split.upperBound...]))
    }

    /// The text that faulthandler has written as ASCII, with a backslash and a number for what is none.
    ///
    /// As in `\xe9`, `\u20ac` and `\U0001f600`. A backslash itself stays as it is.
    private static func unescaped(_ text: Substring) -> String {
        guard text.contains("\\") else { return String(text) }
        var result = "", rest = text
        while let backslash = rest.firstIndex(of: "\\") {
            result += rest[..<backslash]
            let code = rest[rest.index(after: backslash)...]
            let digits = code.first.flatMap { ["x": 2, "u": 4, "U": 8][$0] } ?? 0
            let number = code.dropFirst().prefix(digits)
            if digits > 0, number.count == digits, let value = UInt32(number, radix: 16), value >= 0x80,
                let scalar = Unicode.Scalar(value)
            {
                result.unicodeScalars.append(scalar)
                rest = code.dropFirst(digits + 1)
            } else {
                result += "\\"
                rest = code
            }
        }
        return result + rest
    }
}
