import LoopModel

/// The shapes of what the control API takes and answers, as JSON Schemas by name.
enum OpenAPISchemas {
    static let all: JSON = .object(basic + reports + logs)

    private static let basic: [JSON.Member] = [
        .init(
            "Failure",
            object([
                "error": object([
                    "code": ["type": "string", "examples": .array(APIFailure.Code.known.map { .string($0.name) })],
                    "message": string("What happened."),
                    "hint": string("What to do about it; may be empty."),
                ])
            ])
        ),
        .init(
            "Health",
            object(["status": ["const": "ok"], "version": string("Of the daemon, by semver.org.")])
        ),
        .init("NewRun", object(["history": string("An absolute path to the history's file that has it.")])),
        .init("NewFunction", object(["path": string("An absolute path to a plugin's folder or Python file.")])),
        .init(
            "Provisioning",
            object(["environments": optional("integer", "How many are kept ready; null: as the manifest says.")])
        ),
        .init("OpenAPI", ["type": "object", "required": ["openapi", "paths"]]),
        .init(
            "RunReply",
            object([
                "invocation": reference("InvocationSummary"),
                "result": ["description": "The handler's result as it is, or AWS Lambda's error object."],
                "findings": array(of: reference("Finding")),
            ])
        ),
        .init(
            "InvocationSummary",
            object([
                "id": uuid, "function": functionName, "environment": optional("string"),
                "ordinal": optional("integer", "Which invocation of its environment, counted from 0."),
                "start": ["enum": ["cold", "warm"]],
                "cause": words(ColdStartCause.self, "Why it was cold.", isOptional: true),
                "outcome": words(Outcome.self, "How it ended.", isOptional: false),
                "errorType": optional("string"), "errorMessage": optional("string"),
                "queuedMs": ["type": "number", "minimum": 0],
                "initMs": optional("number", "Loading interpreter and handler; null when warm."),
                "inits": array(of: reference("InitReport")),
                "durationMs": ["type": "number", "minimum": 0, "description": "The handler's own time."],
                "peakMemoryBytes": optional("integer", "The most memory that its environment has held so far."),
                "exceededMemoryBytes": optional("integer", "The memory limit that it was killed at."),
                "requestedAt": time,
            ])
        ),
        .init(
            "Finding",
            object([
                "rule": string("The rule's name, such as closed-loop-reuse."),
                "code": string("The rule's short code, such as LW201."),
                "severity": words(Severity.self, "How bad it is.", isOptional: false),
                "function": functionName,
                "environment": ["type": "string"],
                "invocation": object([
                    "id": optional("string"),
                    "ordinal": optional("integer", "Counted from 0 in its environment."),
                ]),
                "site": codeLineOrNull,
                "related": array(of: reference("RelatedSite")),
                "message": string("The story."),
                "advice": string("The change that mends it."),
                "fingerprint": string("The same for every occurrence of one fault in one place."),
            ])
        ),
        .init(
            "CodeLine",
            object([
                "file": string("Relative to the plugin's folder where it lies inside, else absolute."),
                "line": ["type": "integer", "minimum": 0], "function": ["type": "string"],
            ])
        ),
        .init(
            "RelatedSite",
            object([
                "role": string("The part it played: created, closed, used, ran, set, via, …"),
                "invocation": optional("integer", "Counted from 0; null: while the handler was loaded."),
                "file": ["type": "string"], "line": ["type": "integer", "minimum": 0],
                "function": ["type": "string"],
            ])
        ),
        .init(
            "Rule",
            object([
                "rule": ["type": "string"], "code": ["type": "string"], "title": ["type": "string"],
                "severity": words(Severity.self, "Unless circumstances say otherwise.", isOptional: false),
                "summary": ["type": "string"], "cause": ["type": "string"], "whyOnlyWarm": ["type": "string"],
                "broken": string("Python."), "fixed": string("Python."), "seeAlso": array(of: ["type": "string"]),
            ])
        ),
    ]

    // MARK: Words of the schemas

    static let uuid: JSON = ["type": "string", "format": "uuid"]
    static let time: JSON = ["type": "string", "format": "date-time"]
    static let codeLineOrNull: JSON = ["anyOf": [reference("CodeLine"), ["type": "null"]]]
    static let functionName = ControlParameters.function.schema

    /// An object that has all of these members, and may have more.
    static func object(_ properties: JSON) -> JSON { object(properties.members ?? []) }

    static func object(_ members: [JSON.Member]) -> JSON {
        ["type": "object", "required": .array(members.map { .string($0.key) }), "properties": .object(members)]
    }

    static func array(of element: JSON) -> JSON { ["type": "array", "items": element] }

    static func reference(_ name: String) -> JSON { ["$ref": .string("#/components/schemas/\(name)")] }

    static func string(_ meaning: String) -> JSON { ["type": "string", "description": .string(meaning)] }

    static func optional(_ type: String, _ meaning: String? = nil) -> JSON {
        var members: [JSON.Member] = [.init("type", [.string(type), "null"])]
        if let meaning { members.append(.init("description", .string(meaning))) }
        return .object(members)
    }

    static func words<Word: RawRepresentable<String> & CaseIterable>(
        _ type: Word.Type,
        _ meaning: String,
        isOptional: Bool
    ) -> JSON {
        let words = Word.allCases.map { JSON.string($0.rawValue) } + (isOptional ? [.null] : [])
        return ["enum": .array(words), "description": .string(meaning)]
    }
}
