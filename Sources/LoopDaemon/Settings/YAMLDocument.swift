import LoopModel
import Yams

/// A YAML mapping that is read key by key, so that each mistake is told with file, line and key.
///
/// Every reading takes its key off the list of keys not yet asked for; what is left at the end is unknown.
struct YAMLDocument {
    let file: String
    private let path: String
    private let entries: [(key: String, line: Int, node: Node)]
    private(set) var problems: [SettingsProblem] = []
    private var unread: Set<String>

    /// Reads a file's text; an empty one counts as an empty mapping.
    ///
    /// - Throws: ``SettingsFailure`` when it is not YAML, or not a mapping.
    init(text: String, file: String) throws(SettingsFailure) {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch let error as YamlError {
            throw SettingsFailure([SettingsProblem(file: file, line: error.line, message: "not YAML: \(error.reason)")])
        } catch {
            throw SettingsFailure([SettingsProblem(file: file, message: "not YAML: \(error)")])
        }
        guard let root, root != Node("", Tag(.null)) else {
            self.init(file: file, path: "", mapping: nil)
            return
        }
        guard let mapping = root.mapping else {
            let problem = SettingsProblem(file: file, line: 1, message: "expected a mapping of keys to values")
            throw SettingsFailure([problem])
        }
        self.init(file: file, path: "", mapping: mapping)
    }

    private init(file: String, path: String, mapping: Node.Mapping?) {
        self.file = file
        self.path = path
        var entries: [(String, Int, Node)] = []
        for (key, value) in mapping ?? [:] {
            entries.append((key.string ?? "?", key.mark?.line ?? 0, value))
        }
        self.entries = entries
        unread = Set(entries.map(\.0))
    }

    var isEmpty: Bool { entries.isEmpty }

    /// Where its first key stands.
    var line: Int { entries.first?.line ?? 1 }

    /// The scalar of a key, as text; nil when the key is absent or null.
    mutating func text(_ key: String) -> Located<String>? {
        guard let (line, node) = take(key), node != Node("", Tag(.null)) else { return nil }
        guard let scalar = node.scalar else {
            report("expected one value, not a list or mapping", key: key, line: line)
            return nil
        }
        if scalar.style == .plain, ["", "~", "null", "Null", "NULL"].contains(scalar.string) { return nil }
        return Located(value: scalar.string, line: line)
    }

    /// Whether a key has a mapping; that does not count as reading it.
    func isMapping(_ key: String) -> Bool { entries.first { $0.key == key }?.node.mapping != nil }

    /// The list of a key; a single value counts as a list of one.
    mutating func list(_ key: String) -> Located<[String]>? {
        guard let (line, node) = take(key) else { return nil }
        switch node {
        case .scalar(let scalar): return Located(value: [scalar.string], line: line)
        case .sequence(let sequence):
            let values = sequence.compactMap { $0.scalar?.string }
            if values.count != sequence.count { report("expected a list of plain values", key: key, line: line) }
            return Located(value: values, line: line)
        default:
            report("expected a list", key: key, line: line)
            return nil
        }
    }

    /// The mapping of a key, with its values as text.
    mutating func table(_ key: String) -> Located<[String: String]>? {
        guard let (line, node) = take(key) else { return nil }
        guard let mapping = node.mapping else {
            report("expected a mapping of names to values", key: key, line: line)
            return nil
        }
        var table: [String: String] = [:]
        for (name, value) in mapping {
            guard let name = name.string, let scalar = value.scalar else {
                report("expected names with plain values", key: key, line: line)
                continue
            }
            table[name] = scalar.string
        }
        return Located(value: table, line: line)
    }

    /// Reads a nested mapping with `body`, and takes over its problems.
    mutating func section(_ key: String, _ body: (inout YAMLDocument) -> Void) {
        guard let (line, node) = take(key), node != Node("", Tag(.null)) else { return }
        guard let mapping = node.mapping else {
            return report("expected a mapping", key: key, line: line)
        }
        var nested = YAMLDocument(file: file, path: path + key + ".", mapping: mapping)
        body(&nested)
        nested.reportUnknownKeys(known: nested.asked)
        problems += nested.problems
    }

    /// Reads a list of mappings, each with `body`, and takes over their problems.
    ///
    /// - Parameters:
    ///   - key: the list's; one mapping alone counts as a list of one.
    ///   - shorthand: what a plain value in the list is the value of; nil: there is no such thing.
    ///   - body: reads one.
    mutating func sections(_ key: String, plain shorthand: String? = nil, _ body: (inout YAMLDocument) -> Void) {
        guard let (line, node) = take(key), node != Node("", Tag(.null)) else { return }
        let entries = node.sequence.map(Array.init) ?? [node]
        for (index, entry) in entries.enumerated() {
            let place = node.sequence == nil ? key : "\(key)[\(index)]"
            let line = entry.mark?.line ?? line
            var mapping = entry.mapping
            if mapping == nil, let shorthand, entry.scalar != nil {
                mapping = Node.Mapping([(.scalar(Node.Scalar(shorthand, .implicit, .any, entry.mark)), entry)])
            }
            guard let mapping else {
                report("expected a mapping of keys to values", key: place, line: line)
                continue
            }
            var nested = YAMLDocument(file: file, path: "\(path)\(place).", mapping: mapping)
            body(&nested)
            nested.reportUnknownKeys(known: nested.asked)
            problems += nested.problems
        }
    }

    /// The value of a key as JSON, whatever it is; nil when the key is absent.
    mutating func json(_ key: String) -> Located<JSON>? {
        guard let (line, node) = take(key) else { return nil }
        guard let value = JSON(node) else {
            report("expected what can be written as JSON", key: key, line: line)
            return nil
        }
        return Located(value: value, line: line)
    }

    private var asked: [String] = []

    private mutating func take(_ key: String) -> (Int, Node)? {
        asked.append(key)
        unread.remove(key)
        return entries.first { $0.key == key }.map { ($0.line, $0.node) }
    }

    /// Notes a mistake at a key.
    mutating func report(_ message: String, key: String, line: Int) {
        problems.append(SettingsProblem(file: file, line: line, key: path + key, message: message))
    }

    /// Notes every key that nobody asked for, with the nearest one that exists.
    mutating func reportUnknownKeys(known: [String]? = nil) {
        let known = known ?? asked
        for (key, line, _) in entries where unread.contains(key) {
            let nearest = nearestName(to: key, among: known).map { "; did you mean \"\($0)\"?" }
            report(
                "unknown key" + (nearest ?? "; known are: \(known.sorted().joined(separator: ", "))"),
                key: key,
                line: line
            )
        }
    }

    /// Throws the problems there are, unknown keys among them.
    mutating func finish() throws(SettingsFailure) {
        reportUnknownKeys()
        guard problems.isEmpty else { throw SettingsFailure(problems.inOrder) }
    }
}

/// A value with the line it stood on.
struct Located<Value> {
    var value: Value
    var line: Int
}

extension YamlError {
    /// The line of the mistake, where the parser says it.
    var line: Int? {
        switch self {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
        default: nil
        }
    }

    /// What the parser says, in one line.
    var reason: String {
        switch self {
        case .scanner(_, let problem, _, _), .parser(_, let problem, _, _), .composer(_, let problem, _, _): problem
        default: "\(self)".split(separator: "\n").first.map(String.init) ?? "unreadable"
        }
    }
}
