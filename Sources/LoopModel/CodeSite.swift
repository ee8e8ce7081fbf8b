/// A line of Python, as a finding names it.
package struct CodeLine: Hashable, Sendable, Codable, CustomStringConvertible {
    /// Relative to the plugin's folder where it lies inside it, else absolute.
    package var file: String
    package var line: Int
    /// The function's (qualified) name; `<module>` at module level.
    package var function: String

    package init(file: String, line: Int, function: String) {
        self.file = file
        self.line = line
        self.function = function
    }

    package var description: String { "\(file):\(line)" }
}

/// Where in the code an event came from.
package struct CodeSite: Hashable, Sendable, Codable {
    /// The user's line where there is one on the stack, else the innermost line of an installed library.
    package var line: CodeLine
    /// Whether ``line`` is the user's own code (not the standard library, not an installed package).
    package var isUserCode: Bool
    /// What stands between the user's line and the event: the installed library that did it, or the standard
    /// library's function that the user's line called.
    package var via: CodeLine?

    package init(line: CodeLine, isUserCode: Bool, via: CodeLine? = nil) {
        self.line = line
        self.isUserCode = isUserCode
        self.via = via
    }
}
