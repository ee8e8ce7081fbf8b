/// One line of Python, read as far as a line alone can be: where its comment begins, and which part of it is what.
///
/// A line that stands inside a string of several lines is misread, which does no harm: it is only shown.
package struct PythonLine: Hashable, Sendable {
    private static let openers: Set<Unicode.Scalar> = ["(", "[", "{"]
    private static let closers: Set<Unicode.Scalar> = [")", "]", "}"]
    /// What stands before a statement's expression, the longer first.
    private static let leaders = ["async with", "with", "return", "if", "elif", "while", "raise", "assert"]
    private static let compound: Set<String> = ["async with", "with", "if", "elif", "while"]

    private let scalars: [Unicode.Scalar]
    /// Of each character, whether it is code rather than part of a string or comment.
    private let isCode: [Bool]
    /// What is left when comment and blanks at both ends are not looked at.
    private let content: Range<Int>

    package init(_ text: String) {
        scalars = Array(text.unicodeScalars)
        var isCode = Array(repeating: true, count: scalars.count)
        var quote: [Unicode.Scalar] = []
        var index = 0
        var end = scalars.count
        scan: while index < scalars.count {
            let scalar = scalars[index]
            if quote.isEmpty {
                if scalar == "#" {
                    end = index
                    break scan
                }
                if scalar == "\"" || scalar == "'" {
                    let isTriple = scalars[index...].prefix(3).elementsEqual([scalar, scalar, scalar])
                    quote = Array(repeating: scalar, count: isTriple ? 3 : 1)
                    for each in index..<min(index + quote.count, scalars.count) { isCode[each] = false }
                    index += quote.count
                    continue
                }
            } else {
                isCode[index] = false
                if scalar == "\\" {
                    if index + 1 < scalars.count { isCode[index + 1] = false }
                    index += 2
                    continue
                }
                if scalars[index...].starts(with: quote) {
                    for each in index..<index + quote.count { isCode[each] = false }
                    index += quote.count
                    quote = []
                    continue
                }
            }
            index += 1
        }
        for each in end..<scalars.count { isCode[each] = false }
        self.isCode = isCode
        content = Self.trimmed(0..<end, of: scalars)
    }

    /// Without its comment and indentation, each run of blanks as one: the same however the line is laid out.
    package var normalized: String {
        String(String.UnicodeScalarView(scalars[content])).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// How many blanks stand before what it says; nil for one that says nothing.
    package var indentation: Int? { content.isEmpty ? nil : content.lowerBound }

    /// The name of the function or class whose definition it begins.
    package var definedName: String? {
        let words = normalized.split(whereSeparator: { !($0.isLetter || $0.isNumber || $0 == "_") })
        let names = words.first == "async" ? words.dropFirst() : words[...]
        guard names.first == "def" || names.first == "class" else { return nil }
        return names.dropFirst().first.map(String.init)
    }

    /// The part that a reader is to look at, in Unicode scalars from the line's start: a call of one of `names` where
    /// just one is there (an empty list: any), else the statement's expression.
    package func span(ofCallTo names: [String]) -> Range<Int> {
        for name in names {
            let calls = calls(of: name)
            if calls.count == 1 { return calls[0] }
        }
        return expression
    }

    // MARK: Calls

    /// From the beginning of `a.b(c).name(…)` to its closing bracket, or the line's end.
    private func calls(of name: String) -> [Range<Int>] {
        let wanted = Array(name.unicodeScalars)
        return content.compactMap { index -> Range<Int>? in
            guard isCode[index], scalars[index...].starts(with: wanted), index == 0 || !isWord(index - 1) else {
                return nil
            }
            var open = index + wanted.count
            while open < content.upperBound, scalars[open] == " " { open += 1 }
            guard open < content.upperBound, scalars[open] == "(", !isDefinition(before: index) else { return nil }
            return start(ofPrimaryBefore: index)..<end(ofBracketAt: open)
        }
    }

    private func isDefinition(before index: Int) -> Bool {
        let before = String(String.UnicodeScalarView(scalars[content.lowerBound..<index]))
        return ["def ", "class "].contains { before == $0 || before.hasSuffix(" \($0)") }
    }

    private func start(ofPrimaryBefore index: Int) -> Int {
        var start = index
        while start > content.lowerBound {
            let before = start - 1
            if scalars[before] == "." || isWord(before) {
                start = before
            } else if isCode[before], Self.closers.contains(scalars[before]), start < index || scalars[start] == "." {
                guard let open = opener(ofBracketEndingAt: before) else { break }
                start = open
            } else {
                break
            }
        }
        return start
    }

    private func opener(ofBracketEndingAt end: Int) -> Int? {
        var depth = 0
        for index in content.prefix(while: { $0 <= end }).reversed() where isCode[index] {
            if Self.closers.contains(scalars[index]) { depth += 1 }
            if Self.openers.contains(scalars[index]) {
                depth -= 1
                if depth == 0 { return index }
            }
        }
        return nil
    }

    private func end(ofBracketAt open: Int) -> Int {
        var depth = 0
        for index in open..<content.upperBound where isCode[index] {
            if Self.openers.contains(scalars[index]) { depth += 1 }
            if Self.closers.contains(scalars[index]) {
                depth -= 1
                if depth == 0 { return index + 1 }
            }
        }
        return content.upperBound
    }

    // MARK: Expressions

    /// Without a keyword or an assignment before it, and a block's colon after it.
    private var expression: Range<Int> {
        var range = content
        let text = String(String.UnicodeScalarView(scalars[range]))
        if let leader = Self.leaders.first(where: { text.hasPrefix("\($0) ") || text.hasPrefix("\($0)(") }) {
            range = range.lowerBound + leader.unicodeScalars.count..<range.upperBound
            if Self.compound.contains(leader), let last = range.last, scalars[last] == ":" {
                range = range.dropLast()
                if let alias = topLevel(in: range, where: isAlias) { range = range.lowerBound..<alias }
            }
        } else if text.hasPrefix("for ") || text.hasPrefix("async for "), let last = range.last, scalars[last] == ":",
            let source = topLevel(in: range, where: isSource)
        {
            range = source + 4..<last
        } else if let assignment = topLevel(in: range, where: isAssignment), definedName == nil,
            !text.hasPrefix("@")
        {
            range = assignment + 1..<range.upperBound
        }
        range = Self.trimmed(range, of: scalars)
        return range.isEmpty ? content : range
    }

    /// The last place outside all brackets of which a claim is true.
    private func topLevel(in range: Range<Int>, where claim: (Int) -> Bool) -> Int? {
        var depth = 0
        var found: Int?
        for index in range where isCode[index] {
            if Self.openers.contains(scalars[index]) { depth += 1 }
            if Self.closers.contains(scalars[index]) { depth -= 1 }
            if depth == 0, claim(index) { found = index }
        }
        return found
    }

    private func isAssignment(_ index: Int) -> Bool {
        guard scalars[index] == "=", index > 0, index + 1 < scalars.count, scalars[index + 1] != "=" else {
            return false
        }
        return !["=", "!", "<", ">", ":"].contains(scalars[index - 1])
    }

    private func isSource(_ index: Int) -> Bool {
        scalars[index] == " " && scalars[index...].starts(with: " in ".unicodeScalars)
    }

    private func isAlias(_ index: Int) -> Bool {
        scalars[index] == " " && scalars[index...].starts(with: " as ".unicodeScalars)
    }

    private func isWord(_ index: Int) -> Bool {
        isCode[index] && (scalars[index].properties.isXIDContinue || scalars[index] == "_")
    }

    private static func trimmed(_ range: Range<Int>, of scalars: [Unicode.Scalar]) -> Range<Int> {
        func isBlank(_ index: Int) -> Bool { scalars[index].properties.isWhitespace }
        guard let first = range.first(where: { !isBlank($0) }), let last = range.last(where: { !isBlank($0) }) else {
            return range.lowerBound..<range.lowerBound
        }
        return first..<last + 1
    }
}
