internal import LoopOS

/// A virtual environment, as its own files describe it.
package struct VirtualEnvironment: Hashable, Sendable {
    /// Absolute.
    package let folder: String
    package let python: String
    /// What `pyvenv.cfg` says; nil where it says nothing, as in conda's environments.
    package let version: PythonVersion?

    /// nil when the folder has no interpreter of its own.
    package init?(folder: String) {
        var folder = folder
        while folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
        guard let python = ["python", "python3"].map({ "\(folder)/bin/\($0)" }).first(where: File.canExecute) else {
            return nil
        }
        self.folder = folder
        self.python = python
        let text = (try? File.read("\(folder)/pyvenv.cfg")).map { String(decoding: $0, as: UTF8.self) }
        version = text.flatMap(Self.version)
    }

    /// Whether its version is the one that is wanted, such as `3.11`; of one that does not say, it is not.
    package func isPython(_ numbers: [Int]) -> Bool {
        guard let version else { return false }
        return zip(numbers, [version.major, version.minor, version.micro]).allSatisfy { $0 == $1 }
    }

    /// What changes when packages are put in or taken out.
    var traces: [String] {
        let libraries = (try? Folder.entries(of: "\(folder)/lib")) ?? []
        return ["\(folder)/pyvenv.cfg"]
            + libraries.filter { $0.hasPrefix("python") }.sorted().map { "\(folder)/lib/\($0)/site-packages" }
    }

    /// Whether it is what an interpreter's name asks for, though nobody named it.
    package func fits(_ python: String) -> Bool {
        if ["python", "python3", "3"].contains(python) { return true }
        let text = python.hasPrefix("python") ? String(python.dropFirst("python".count)) : python
        let numbers = text.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
        return !numbers.contains(nil) && isPython(numbers.compactMap(\.self))
    }

    /// `version = 3.11.7` by venv, `version_info = 3.12.1` by uv, `version_info = 3.12.1.final.0` by virtualenv.
    private static func version(in text: String) -> PythonVersion? {
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1).map { $0.filter { !$0.isWhitespace } }
            guard parts.count == 2, ["version", "version_info"].contains(parts[0]) else { continue }
            let numbers = parts[1].split(separator: ".").prefix(3)
            if let version = PythonVersion(numbers.joined(separator: ".")) { return version }
        }
        return nil
    }
}
