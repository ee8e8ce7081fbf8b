/// A line of Python, as a finding names it.
package struct CodeLine: Hashable, Sendable, Codable, CustomStringConvertible {
    /// Relative to the plugin's folder where it lies inside it, else absolute.
    package var file: String
    package var line: Int
    /// The function's (qualified) name; `<module>` at module level, `<cell>` at that of a notebook's cell.
    package var function: String

    package init(file: String, line: Int, function: String) {
        self.file = file
        self.line = line
        self.function = function
    }

    package var description: String { "\(file):\(line)" }

    /// For people: of a file outside the plugin only the part that they know it by, as in `asyncio/runners.py:190`.
    package var short: String { "\(libraryPath ?? file[...]):\(line)" }

    /// Whether it stands in a notebook's cell outside of functions.
    package var isInCell: Bool { function == "<cell>" }

    /// Whether the file is part of Python itself.
    package var isStandardLibrary: Bool {
        if file.hasPrefix("<") { return true }
        guard file.hasPrefix("/"), installedPath == nil else { return false }
        return ["/lib/python3", "/lib64/python3", "/asyncio/"].contains { file.contains($0) }
    }

    /// Within the folder into which packages are installed; nil where the file lies outside.
    package var installedPath: Substring? {
        rest(after: "/site-packages/") ?? rest(after: "/dist-packages/")
    }

    private var libraryPath: Substring? {
        if let installedPath { return installedPath }
        guard isStandardLibrary, let rest = rest(after: "/python3"), let slash = rest.firstIndex(of: "/") else {
            return nil
        }
        return rest[rest.index(after: slash)...]
    }

    /// What comes after the last place of a part in the file's path.
    private func rest(after part: String) -> Substring? {
        var rest = file[...]
        while let range = rest.firstRange(of: part) { rest = rest[range.upperBound...] }
        return rest.startIndex == file.startIndex ? nil : rest
    }
}

/// Where in the code an event came from.
///
/// A reference inside: each event and each moment of a loop has one, and they are copied more often than looked at.
package struct CodeSite: Hashable, Sendable {
    private let content: Content

    package init(line: CodeLine, isUserCode: Bool, via: CodeLine? = nil) {
        content = Content(line: line, isUserCode: isUserCode, via: via)
    }

    /// The user's line where there is one on the stack, else the innermost line of an installed library.
    package var line: CodeLine { content.line }

    /// Whether ``line`` is the user's own code (not the standard library, not an installed package).
    package var isUserCode: Bool { content.isUserCode }

    /// What stands between the user's line and the event: the installed library that did it, or the standard
    /// library's function that the user's line called.
    package var via: CodeLine? { content.via }

    package static func == (left: Self, right: Self) -> Bool {
        left.content === right.content
            || (left.line == right.line && left.isUserCode == right.isUserCode && left.via == right.via)
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(content.hash) }

    private final class Content: Sendable {
        let line: CodeLine
        let isUserCode: Bool
        let via: CodeLine?
        /// Of all three, made once: the store looks up the site of each event, and four texts take their time.
        let hash: Int

        init(line: CodeLine, isUserCode: Bool, via: CodeLine?) {
            self.line = line
            self.isUserCode = isUserCode
            self.via = via
            var hasher = Hasher()
            hasher.combine(line)
            hasher.combine(isUserCode)
            hasher.combine(via)
            hash = hasher.finalize()
        }
    }
}
