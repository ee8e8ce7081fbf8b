internal import LoopModel
package import LoopOS

/// A file that lists packages, as `pip install -r` reads it.
package struct Requirements: Hashable, Sendable {
    /// Absolute.
    package let path: String
    /// The same for files that ask for the same: their text, that of the files they name, and the state of the folders
    /// that they install from.
    package let identity: String
    /// Itself, the files that it names, and the folders and archives that it installs from.
    let files: [String]
    /// Lower case.
    private let text: String

    /// - Parameter path: absolute.
    /// - Throws: when the file cannot be read. That one it names cannot be is for pip to say.
    package init(path: String) throws(SystemFailure) {
        self.path = path
        let text = String(decoding: try File.read(path), as: UTF8.self)
        self.text = text.lowercased()
        var parts: [String] = []
        var seen: Set<String> = [path]
        Self.add(text, in: Self.folder(of: path), to: &parts, &seen)
        identity = fingerprint(of: parts)
        files = seen.sorted()
    }

    /// Relative paths in the file start from here.
    var folder: String { Self.folder(of: path) }

    /// As it is told.
    package var name: String { path.split(separator: "/").last.map(String.init) ?? path }

    /// Whether a package is asked for by its name, in this file.
    package func names(_ package: String) -> Bool {
        text.split(separator: "\n").contains { line in
            line.prefix { $0.isLetter || $0.isNumber || "-_.".contains($0) } == package
        }
    }

    private static func add(_ text: String, in folder: String, to parts: inout [String], _ seen: inout Set<String>) {
        parts.append(text)
        for line in text.split(separator: "\n") {
            let line = line.drop(while: \.isWhitespace)
            if let name = value(of: ["-r", "--requirement", "-c", "--constraint"], in: line) {
                let path = name.hasPrefix("/") ? name : "\(folder)/\(name)"
                guard seen.insert(path).inserted, let bytes = try? File.read(path) else { continue }
                add(String(decoding: bytes, as: UTF8.self), in: self.folder(of: path), to: &parts, &seen)
            } else if let local = localPath(line) {
                let path = local.hasPrefix("/") ? local : "\(folder)/\(local)"
                parts.append(path)
                seen.insert(path)
                stamp(path, into: &parts)
            }
        }
    }

    private static func value(of options: [String], in line: Substring) -> String? {
        for option in options where line.hasPrefix(option) {
            let rest = line.dropFirst(option.count)
            guard let first = rest.first, first == " " || first == "=" || option.count == 2 else { continue }
            let value = rest.drop { $0 == " " || $0 == "=" }.prefix { !$0.isWhitespace }
            if !value.isEmpty { return String(value) }
        }
        return nil
    }

    /// The folder or archive that a line installs from.
    private static func localPath(_ line: Substring) -> String? {
        let line = value(of: ["-e", "--editable"], in: line).map { $0[...] } ?? line
        for start in [".", "/", "file:"] where line.hasPrefix(start) {
            let path = line.dropFirst(start == "file:" ? start.count : 0)
            return String(path.prefix { !$0.isWhitespace && $0 != "[" && $0 != ";" && $0 != "#" })
        }
        return nil
    }

    /// In files; a project that is larger is known by the first of them.
    private static let mostStamps = 5000
    /// What does not belong to a project's source.
    private static let skipped: Set<String> = ["__pycache__", "node_modules", "build", "dist"]

    private static func stamp(_ path: String, into parts: inout [String]) {
        guard parts.count < mostStamps, let stamp = FileStamp(path: path) else { return }
        guard stamp.isFolder else { return parts.append("\(path) \(stamp.modified) \(stamp.size)") }
        guard FileStamp(path: "\(path)/pyvenv.cfg") == nil else { return }
        for name in ((try? Folder.entries(of: path)) ?? []).sorted()
        where !name.hasPrefix(".") && !skipped.contains(name) && !name.hasSuffix(".egg-info") {
            Self.stamp("\(path)/\(name)", into: &parts)
        }
    }

    private static func folder(of path: String) -> String {
        String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    }
}
