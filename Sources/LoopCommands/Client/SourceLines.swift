import LoopModel
import LoopOS
import LoopWire

/// Lines of the functions' code, where their files can be read from here.
final class SourceLines: Sendable {
    /// Bigger files are no code that people wrote, in bytes.
    private static let largestFile: Int64 = 4 << 20

    /// The functions' folders.
    private let roots: [FunctionName: String]
    /// The lines by place, as they were read; empty when a file cannot be.
    private let files = Locked<[SourcePlace: [String]]>([:])

    init(roots: [FunctionName: String]) { self.roots = roots }

    /// Asks the daemon where the functions' files are; without an answer there are no lines.
    convenience init(askedOf client: ControlClient) {
        guard let body = try? client.send(.functions), let reply = try? JSONReader.value(of: body) else {
            self.init(roots: [:])
            return
        }
        let pairs = (reply["functions"]?.elements ?? []).compactMap { function -> (FunctionName, String)? in
            guard let name = function["name"]?.stringValue.flatMap(FunctionName.init(rawValue:)),
                let root = function["root"]?.stringValue
            else { return nil }
            return (name, root)
        }
        self.init(roots: Dictionary(pairs) { first, _ in first })
    }

    /// The text of a line, without the blanks at its end; nil where it cannot be had.
    func line(of function: FunctionName, at line: CodeLine) -> String? {
        let lines = lines(of: function, in: line.file)
        return lines.indices.contains(line.line - 1) ? lines[line.line - 1] : nil
    }

    /// All lines of a file; none where it cannot be read.
    func lines(of function: FunctionName, in file: String) -> [String] {
        guard let path = path(of: file, in: function) else { return [] }
        let place = SourcePlace(file: path)
        return files.withLock { files in
            if let known = files[place] { return known }
            let lines = Self.lines(of: place)
            files[place] = lines
            return lines
        }
    }

    private func path(of file: String, in function: FunctionName) -> String? {
        file.hasPrefix("/") ? file : roots[function].map { "\($0)/\(file)" }
    }

    private static func lines(of place: SourcePlace) -> [String] {
        guard let stamp = FileStamp(path: place.path), !stamp.isFolder, stamp.size <= largestFile,
            let bytes = try? File.read(place.path)
        else { return [] }
        return place.lines(in: bytes).map { line in
            var line = line
            while let last = line.last, last.isWhitespace { line.removeLast() }
            return line
        }
    }
}
