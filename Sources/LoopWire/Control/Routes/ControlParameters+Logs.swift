import LoopModel

extension ControlParameters {
    static let logInvocation = prefix("invocation", "Only this invocation; its id, or its first digits.")
    static let logEnvironment = prefix("environment", "Only this environment; its id, or its first digits.")

    static let logText = ControlParameter<String>(
        "text",
        "Only lines that hold this text.",
        schema: ["type": "string"],
        expected: "a text that is not empty"
    ) { text, _ in text.isEmpty ? nil : text }

    static let logLimit = ControlParameter<Int>(
        "limit",
        "The most lines; the newest count.",
        schema: [
            "type": "integer", "minimum": 1, "maximum": .int(Int64(longestReply)),
            "default": .int(Int64(LogFilter.usualLimit)),
        ],
        expected: "a whole number from 1 to \(longestReply)",
        read: limit.read
    )

    static let logPlace = ControlParameter<LogPlace>(
        "before",
        "Only what is older than this place, where the search for the reply before has ended.",
        schema: ["type": "string"],
        expected: "the \"older\" of a reply"
    ) { text, _ in LogPlace(text) }

    static let logFollow = ControlParameter<Bool>(
        "follow",
        "Whether the reply is to say from which position to go on.",
        schema: ["type": "boolean", "default": false],
        expected: cold.expected,
        read: cold.read
    )

    static let logPosition = ControlParameter<String>(
        "after",
        "Only lines that came after this position, which the reply before has named.",
        schema: ["type": "string"],
        expected: "the \"position\" of a reply"
    ) { text, _ in text.isEmpty ? nil : text }

    static let logWait = ControlParameter<Duration>(
        "wait",
        "How long to wait for the first of those lines, in seconds.",
        schema: [
            "type": "integer", "minimum": 0, "maximum": .int(Int64(LogRequest.longestWait)),
            "default": .int(LogRequest.usualWait.nanoseconds / 1_000_000_000),
        ],
        expected: "a whole number from 0 to \(LogRequest.longestWait)"
    ) { text, _ in Int(text).flatMap { (0...LogRequest.longestWait).contains($0) ? .seconds($0) : nil } }
}
