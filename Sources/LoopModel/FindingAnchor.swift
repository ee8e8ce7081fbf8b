/// Where a finding is, in words that stay true when lines are put in above it, the checkout's folder is renamed, or
/// another interpreter, host or kind of loop shows the same fault.
package struct FindingAnchor: Hashable, Sendable {
    /// Relative to the repository; of an installed package to where packages are installed.
    package var file: String
    /// The enclosing definitions, as in `Client.ask`; empty at module level.
    package var scope: String
    /// What the line says, without its comment and indentation; empty where the file cannot be read.
    package var text: String
    /// How many equal lines of the same scope come before it.
    package var occurrence: Int

    package init(file: String, scope: String, text: String, occurrence: Int) {
        self.file = file
        self.scope = scope
        self.text = text
        self.occurrence = occurrence
    }

    /// Of a line in its file.
    ///
    /// - Parameters:
    ///   - file: as ``file``.
    ///   - line: as the probe told it.
    ///   - lines: the file's; empty where it cannot be read.
    package init(file: String, line: CodeLine, in lines: [String]) {
        let index = line.line - 1
        guard lines.indices.contains(index) else {
            // Python names functions differently before 3.11: what both know is the last part.
            let name = line.function.split(separator: ".").last.map(String.init) ?? ""
            self.init(file: file, scope: name, text: "", occurrence: 0)
            return
        }
        let scope = Self.scope(of: index, in: lines)
        let text = PythonLine(lines[index]).normalized
        // Most lines have no equal: only those that are alike at a glance are read.
        let equal = lines[..<index].indices.filter { other in
            lines[other].contains(text) && PythonLine(lines[other]).normalized == text
                && Self.scope(of: other, in: lines) == scope
        }
        self.init(file: file, scope: scope, text: text, occurrence: equal.count)
    }

    /// As code hosts and baselines know the finding.
    package func fingerprint(of rule: String) -> String {
        LoopModel.fingerprint(of: ["anchor/1", rule, file, scope, text, "\(occurrence)"])
    }

    /// The definitions around a line, from outside in.
    ///
    /// They are read from the text rather than asked of Python, whose versions disagree: a comprehension is a function
    /// of its own up to 3.11, and a nested function's name tells where it stands from 3.11 on.
    private static func scope(of index: Int, in lines: [String]) -> String {
        var names: [String] = []
        guard var indentation = PythonLine(lines[index]).indentation else { return "" }
        for above in lines[..<index].reversed() {
            guard indentation > 0 else { break }
            let line = PythonLine(above)
            guard let other = line.indentation, other < indentation else { continue }
            indentation = other
            if let name = line.definedName { names.append(name) }
        }
        return names.reversed().joined(separator: ".")
    }
}
