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

/// Settings or a manifest that cannot be used, with everything that is wrong with them.
package struct SettingsFailure: Error, Sendable, CustomStringConvertible {
    package var problems: [SettingsProblem]

    package init(_ problems: [SettingsProblem]) { self.problems = problems }

    package var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// The name that was probably meant: the one with the smallest edit distance, if that is at most a third of its length.
func nearestName(to name: String, among known: [String]) -> String? {
    let scored = known.map { ($0, editDistance(Array(name.utf8), Array($0.utf8))) }
    guard let best = scored.min(by: { $0.1 < $1.1 }), best.1 <= max(1, best.0.utf8.count / 3) else { return nil }
    return best.0
}

/// Levenshtein's distance, ignoring case.
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var row = Array(0...right.count)
    for (index, byte) in left.enumerated() {
        var diagonal = row[0]
        row[0] = index + 1
        for (column, other) in right.enumerated() {
            let change = diagonal + (byte | 0x20 == other | 0x20 ? 0 : 1)
            diagonal = row[column + 1]
            row[column + 1] = min(change, row[column] + 1, diagonal + 1)
        }
    }
    return row[right.count]
}
