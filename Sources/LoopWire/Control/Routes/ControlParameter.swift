package import LoopModel

/// A parameter of the control API, declared once: how it is read, and how the OpenAPI document describes it.
package struct ControlParameter<Value: Sendable>: Sendable {
    /// As in the path or the query.
    package let name: String
    /// For people who read the OpenAPI document.
    package let meaning: String
    /// Its JSON Schema.
    package let schema: JSON
    /// What a value must be, as the end of the sentence "Expected is …".
    package let expected: String
    /// Reads a value; nil when it is not what is expected.
    ///
    /// The time is the present.
    package let read: @Sendable (String, WallTime) -> Value?

    init(
        _ name: String,
        _ meaning: String,
        schema: JSON,
        expected: String,
        read: @escaping @Sendable (String, WallTime) -> Value?
    ) {
        self.name = name
        self.meaning = meaning
        self.schema = schema
        self.expected = expected
        self.read = read
    }
}

/// What the OpenAPI document needs to know of a parameter, whatever its type.
package protocol DescribedParameter: Sendable {
    var name: String { get }
    var meaning: String { get }
    var schema: JSON { get }
    var expected: String { get }
}

extension ControlParameter: DescribedParameter {}

/// The parameters there are.
package enum ControlParameters {
    package static let function = ControlParameter<FunctionName>(
        "function",
        "Only what concerns this function.",
        schema: ["type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"],
        expected: "a function's name: letters, digits, \"-\" and \"_\", at most 64"
    ) { text, _ in FunctionName(rawValue: text) }

    package static let name = ControlParameter<FunctionName>(
        "name",
        "The function's name.",
        schema: function.schema,
        expected: function.expected,
        read: function.read
    )

    package static let cold = ControlParameter<Bool>(
        "cold",
        "Whether a new environment is asked for even if a warm one is free.",
        schema: ["type": "boolean", "default": false],
        expected: "true or false"
    ) { text, _ in
        switch text {
        case "true", "1", "": true
        case "false", "0": false
        default: nil
        }
    }

    package static let outcome = words(Outcome.self, "outcome", "Only invocations that ended like this.")

    package static let start = ControlParameter<Bool>(
        "start",
        "Only cold, or only warm invocations.",
        schema: ["type": "string", "enum": ["cold", "warm"]],
        expected: "cold or warm"
    ) { text, _ in text == "cold" ? true : text == "warm" ? false : nil }

    package static let since = time("since", "Only what happened at this time or later.")
    package static let until = time("until", "Only what happened before this time.")

    /// The most rows that one reply may have.
    package static let longestReply = 10_000

    package static let limit = ControlParameter<Int>(
        "limit",
        "The most rows; the newest come first.",
        schema: [
            "type": "integer", "minimum": 1, "maximum": .int(Int64(longestReply)),
            "default": .int(Int64(HistoryFilter().limit)),
        ],
        expected: "a whole number from 1 to \(longestReply)"
    ) { text, _ in Int(text).flatMap { (1...longestReply).contains($0) ? $0 : nil } }

    package static let loopState = words(LoopFilter.self, "state", "Which loops.", standard: .all)

    package static let alertState = ControlParameter<Set<Alert.State>>(
        "state",
        "Which alerts.",
        schema: [
            "type": "string", "enum": .array((Alert.State.allCases.map(\.rawValue) + ["all"]).map(JSON.string)),
            "default": "open",
        ],
        expected: listed(Alert.State.allCases.map(\.rawValue) + ["all"])
    ) { text, _ in text == "all" ? Set(Alert.State.allCases) : Alert.State(rawValue: text).map { [$0] } }

    package static let rule = ControlParameter<String>(
        "rule",
        "Only findings of this rule.",
        schema: ["type": "string"],
        expected: "a rule's name, such as closed-loop-reuse"
    ) { text, _ in text.isEmpty ? nil : text }

    package static let run = ControlParameter<RunName>(
        "run",
        "Only what was part of this simulation.",
        schema: ["type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"],
        expected: "a simulation's name: letters, digits, \"-\", \"_\" and \".\", at most 64"
    ) { text, _ in RunName(rawValue: text) }

    package static let runName = ControlParameter<RunName>(
        "name",
        "The simulation's name.",
        schema: run.schema,
        expected: run.expected,
        read: run.read
    )

    package static let ruleID = ControlParameter<String>(
        "id",
        "The rule's name or code.",
        schema: rule.schema,
        expected: rule.expected,
        read: rule.read
    )

    package static let invocationPrefix = prefix("id", "The invocation's id, or the first digits of it.")
    package static let alertPrefix = prefix("id", "The alert's fingerprint, or the first digits of it.")

    static func prefix(_ name: String, _ meaning: String) -> ControlParameter<String> {
        ControlParameter(
            name,
            meaning,
            schema: ["type": "string", "pattern": "^[0-9a-fA-F-]{1,36}$"],
            expected: "an id or the first digits of one: hexadecimal digits and \"-\""
        ) { text, _ in
            let isID = (1...36).contains(text.utf8.count) && text.utf8.allSatisfy { $0 == 45 || isHexadecimal($0) }
            return isID ? text.lowercased() : nil
        }
    }

    private static func time(_ name: String, _ meaning: String) -> ControlParameter<WallTime> {
        ControlParameter(
            name,
            "\(meaning) RFC 3339, or how long ago: `90s`, `15m`, `2h`, `7d`.",
            schema: ["type": "string", "examples": ["2026-11-21T08:59:03Z", "15m"]],
            expected: "a time such as 2026-11-21T08:59:03Z, or how long ago, such as 90s, 15m, 2h or 7d"
        ) { text, now in WallTime(text, before: now) }
    }

    private static func words<Word: RawRepresentable<String> & CaseIterable & Sendable>(
        _ type: Word.Type,
        _ name: String,
        _ meaning: String,
        standard: Word? = nil
    ) -> ControlParameter<Word> {
        let words = Word.allCases.map(\.rawValue)
        var schema: [JSON.Member] = [.init("type", "string"), .init("enum", .array(words.map(JSON.string)))]
        if let standard { schema.append(.init("default", .string(standard.rawValue))) }
        return ControlParameter(name, meaning, schema: .object(schema), expected: listed(words)) { text, _ in
            Word(rawValue: text)
        }
    }

    private static func listed(_ words: [String]) -> String {
        words.dropLast().joined(separator: ", ") + " or " + (words.last ?? "")
    }
}
