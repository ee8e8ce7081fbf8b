/// Words of a command line that people may copy.
package enum ShellWord {
    /// A word as a shell takes it: in single quotes, unless there is nothing in it that means something to shells.
    package static func quoted(_ word: String) -> String {
        let plain = word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-./:@,=+%".contains($0)) }
        return plain && !word.isEmpty ? word : "'\(word.replacing("'", with: "'\\''"))'"
    }
}
