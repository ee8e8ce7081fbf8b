/// One mistake in a settings file, a manifest, an environment variable or a flag.
package struct SettingsProblem: Hashable, Sendable, CustomStringConvertible {
    /// The file, or the name of the variable or flag.
    package var file: String
    /// Counted from 1; nil where there is no line.
    package var line: Int?
    package var key: String?
    /// What was wrong and what was expected.
    package var message: String

    package init(file: String, line: Int? = nil, key: String? = nil, message: String) {
        self.file = file
        self.line = line
        self.key = key
        self.message = message
    }

    package var description: String {
        "\(file)\(line.map { ":\($0)" } ?? ""): \(key.map { "\($0): " } ?? "")\(message)"
    }
}

extension [SettingsProblem] {
    /// In the order of lines; those of one line as they were found.
    var inOrder: Self {
        enumerated()
            .sorted { ($0.element.line ?? 0, $0.offset) < ($1.element.line ?? 0, $1.offset) }
            .map(\.element)
    }
}

/// Settings or a manifest that cannot be used, with everything that is wrong with them.
package struct SettingsFailure: Error, Sendable, CustomStringConvertible {
    package var problems: [SettingsProblem]

    package init(_ problems: [SettingsProblem]) { self.problems = problems }

    package var description: String { problems.map(\.description).joined(separator: "\n") }
}
