/// What a team knows of and lives with for now: what is in it does not fail a check, what is new does.
///
/// The published form is `loopwarden.baseline/1`: JSON, sorted, a line for each part of an entry, so that two versions
/// of it can be compared and each entry can be given a reason.
package struct Baseline: Hashable, Sendable {
    package static let schema = "loopwarden.baseline/1"

    package var findings: [KnownFinding]
    package var failures: [KnownFailure]

    package init(findings: [KnownFinding] = [], failures: [KnownFailure] = []) {
        self.findings = findings
        self.failures = failures
    }

    /// - Throws: ``BaselineFailure`` when the bytes are no baseline, or one of another version.
    package init(_ bytes: [UInt8]) throws(BaselineFailure) {
        let json: JSON
        do throws(JSONFailure) {
            json = try JSONReader.value(of: bytes)
        } catch {
            throw .notJSON("\(error)")
        }
        guard let schema = json["schema"]?.stringValue, schema.hasPrefix("loopwarden.baseline/") else {
            throw .notABaseline
        }
        guard schema == Self.schema else { throw .otherVersion(schema) }
        self.init()
        for (index, entry) in (json["findings"]?.elements ?? []).enumerated() {
            guard let known = KnownFinding(entry) else { throw .badEntry("findings", index) }
            findings.append(known)
        }
        for (index, entry) in (json["failures"]?.elements ?? []).enumerated() {
            guard let known = KnownFailure(entry) else { throw .badEntry("failures", index) }
            failures.append(known)
        }
    }

    /// Text of the published form: sorted by file and line text, each entry once.
    package var text: String {
        var seen: Set<String> = []
        let findings = findings.filter { seen.insert($0.fingerprint).inserted }
        let failures = failures.filter { seen.insert($0.fingerprint).inserted }
        let json: JSON = [
            "schema": .string(Self.schema),
            "findings": .array(findings.sorted { $0.order.lexicographicallyPrecedes($1.order) }.map(\.json)),
            "failures": .array(failures.sorted { $0.order.lexicographicallyPrecedes($1.order) }.map(\.json)),
        ]
        return json.indentedText
    }

    /// The reasons that somebody gave for the entries, by fingerprint; each has one, which may be empty.
    package var reasons: [String: String] {
        let pairs = findings.map { ($0.fingerprint, $0.reason) } + failures.map { ($0.fingerprint, $0.reason) }
        return Dictionary(pairs) { first, _ in first }
    }
}

/// A finding that is known.
package struct KnownFinding: Hashable, Sendable {
    package var rule: String
    /// The function in which it was met; the same line counts as known in others, too.
    package var function: String
    package var anchor: FindingAnchor
    /// Why it is lived with; for people.
    package var reason: String

    package init(rule: String, function: String, anchor: FindingAnchor, reason: String = "") {
        self.rule = rule
        self.function = function
        self.anchor = anchor
        self.reason = reason
    }

    fileprivate init?(_ json: JSON) {
        guard let rule = json["rule"]?.stringValue, let file = json["file"]?.stringValue else { return nil }
        self.init(
            rule: rule,
            function: json["function"]?.stringValue ?? "",
            anchor: FindingAnchor(
                file: file,
                scope: json["in"]?.stringValue ?? "",
                text: json["text"]?.stringValue ?? "",
                occurrence: json["occurrence"]?.intValue ?? 0
            ),
            reason: json["reason"]?.stringValue ?? ""
        )
    }

    /// Made from the entry's own words, so that what a person reads in it is what counts.
    package var fingerprint: String { anchor.fingerprint(of: rule) }

    fileprivate var order: [String] {
        [anchor.file, anchor.scope, anchor.text, rule, String(1_000_000 + anchor.occurrence)]
    }

    fileprivate var json: JSON {
        [
            "rule": .string(rule), "function": .string(function), "file": .string(anchor.file),
            "in": .string(anchor.scope), "text": .string(anchor.text), "occurrence": JSON(anchor.occurrence),
            "reason": .string(reason), "fingerprint": .string(fingerprint),
        ]
    }
}

/// A failing invocation that is known.
package struct KnownFailure: Hashable, Sendable {
    package var function: String
    /// What is invoked, as in `src/orders.py:handler`, relative to the repository.
    package var handler: String
    /// `cold`, `warm` or `shutdown`: what fails warm for a known reason is news when it fails cold.
    package var start: String
    /// The error's type; `timeout` or such where there is none.
    package var error: String
    /// Its first line, with `#` in place of what differs from run to run.
    package var message: String
    /// Why it is lived with; for people.
    package var reason: String

    package init(function: String, handler: String, start: String, error: String, message: String, reason: String = "")
    {
        self.function = function
        self.handler = handler
        self.start = start
        self.error = error
        self.message = Self.lasting(message)
        self.reason = reason
    }

    fileprivate init?(_ json: JSON) {
        guard let handler = json["handler"]?.stringValue, let error = json["error"]?.stringValue else { return nil }
        self.init(
            function: json["function"]?.stringValue ?? "",
            handler: handler,
            start: json["start"]?.stringValue ?? "warm",
            error: error,
            message: json["message"]?.stringValue ?? "",
            reason: json["reason"]?.stringValue ?? ""
        )
    }

    package var fingerprint: String { LoopModel.fingerprint(of: ["failure/1", handler, start, error, message]) }

    fileprivate var order: [String] { [handler, start, error, message] }

    fileprivate var json: JSON {
        [
            "function": .string(function), "handler": .string(handler), "start": .string(start),
            "error": .string(error), "message": .string(message), "reason": .string(reason),
            "fingerprint": .string(fingerprint),
        ]
    }

    /// A message without what is another one each time: numbers, addresses, ids.
    private static func lasting(_ message: String) -> String {
        let line = message.prefix { !$0.isNewline }.prefix(200)
        var text = ""
        var word = ""
        for character in line {
            if character.isLetter || character.isNumber || character == "_" || character == "-" {
                word.append(character)
            } else {
                text += word.contains(where: \.isNumber) ? "#" : word
                text.append(character)
                word = ""
            }
        }
        return text + (word.contains(where: \.isNumber) ? "#" : word)
    }
}

/// Why bytes are no ``Baseline``.
package enum BaselineFailure: Error, Hashable, Sendable, CustomStringConvertible {
    case notJSON(String)
    case notABaseline
    /// The schema that it says it has.
    case otherVersion(String)
    /// An entry of a list, counted from 0, lacks what it needs.
    case badEntry(String, Int)

    package var description: String {
        switch self {
        case .notJSON(let failure): "is not JSON: \(failure)"
        case .notABaseline: "is no baseline of Loopwarden: it has no \"schema\": \"\(Baseline.schema)\""
        case .otherVersion(let schema): "is a \(schema), and this release reads \(Baseline.schema)"
        case .badEntry(let list, let index):
            "has a mistake at \(list)[\(index)]: "
                + (list == "findings" ? "expected are rule and file" : "expected are handler and error")
        }
    }
}
