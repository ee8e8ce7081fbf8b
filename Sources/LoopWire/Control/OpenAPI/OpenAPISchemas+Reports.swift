import LoopModel

// The replies that LoopReports makes; its golden files are held to these schemas by a test.
extension OpenAPISchemas {
    static let reports: [JSON.Member] = [
        report("InvocationList", "history", ["invocations": array(of: reference("InvocationRow"))]),
        .init("InvocationRow", object(invocation)),
        report(
            "Invocation",
            "show",
            [
                "invocation": object(
                    invocation + [
                        .init("python", textOrNull), .init("host", textOrNull), .init("loop", textOrNull),
                        .init("startMode", textOrNull), .init("processID", numberOrNull),
                        .init("inits", array(of: reference("InitReport"))), .init("predecessor", textOrNull),
                        .init("end", textOrNull), .init("shutdownReason", textOrNull),
                        .init("stackTrace", textOrNull), .init("output", textOrNull),
                    ]
                ),
                "timeline": array(of: reference("EventRow")),
                "freezes": array(of: reference("FreezeRow")),
                "findings": findings,
            ]
        ),
        .init("InitReport", object(initReport)),
        .init("EventRow", object(event)),
        .init("FreezeRow", object(freeze)),
        report("LoopList", "loops", ["loops": array(of: reference("LoopRow"))]),
        .init("LoopRow", object(loop)),
        report(
            "FindingList",
            "findings",
            [
                "recorded": array(
                    of: object(["at": time, "rule": text, "function": functionName, "fingerprint": text])
                ),
                "findings": findings,
            ]
        ),
        report("AlertList", "alerts", ["alerts": array(of: reference("AlertRow"))]),
        .init("AlertRow", object(alert)),
        report("FunctionList", "functions", ["functions": array(of: reference("FunctionRow"))]),
        .init("FunctionRow", object(function)),
        report(
            "PreloadSuggestion",
            "preload",
            [
                "suggestion": object(preload), "modules": array(of: reference("ImportedModule")),
                "leftOut": array(of: reference("ImportedModule")),
            ]
        ),
        .init("ImportedModule", object(importedModule)),
        report(
            "Status",
            "status",
            [
                "daemon": ["type": "object", "required": ["version"]],
                "history": object(
                    ["invocations", "environments", "loops", "events", "findings", "openAlerts", "databaseBytes"].map {
                        .init($0, number)
                    } + [.init("bytesPerInvocation", numberOrNull)]
                ),
                "environments": array(of: object(["id": text, "function": functionName, "processID": number])),
                "zygotes": [
                    "type": "array", "items": object(zygote),
                    "description": "What environments are forked from.",
                ],
                "troubles": array(of: object(["trouble": text])),
            ]
        ),
        report(
            "Doctor",
            "doctor",
            [
                "checks": array(
                    of: object([
                        "check": text, "state": ["enum": ["ok", "note", "bad", "–"]], "detail": text,
                        "advice": textOrNull,
                    ])
                )
            ]
        ),
        report("RuleList", "rules", ["rules": array(of: reference("Rule"))]),
        report("Run", "run", ["run": object(["name": text, "environments": number, "invocations": number])]),
        report(
            "Recheck",
            "recheck",
            [
                "summary": object(
                    ["environments", "skipped", "findingsAdded", "findingsRemoved", "findingsKept"].map {
                        .init($0, number)
                    }
                )
            ]
        ),
    ]

    private static let invocation: [JSON.Member] = [
        .init("id", uuid), .init("function", functionName), .init("requestedAt", time),
        .init("start", ["enum": ["cold", "warm", nil]]),
        .init("cause", words(ColdStartCause.self, "Why it was cold.", isOptional: true)),
        .init("outcome", words(Outcome.self, "How it ended; null: it runs.", isOptional: true)),
        .init("durationNs", number), .init("initNs", numberOrNull), .init("queuedNs", number),
        .init(
            "frozenNs",
            ["type": ["integer", "null"], "description": "How long its environment had been frozen before it."]
        ),
        .init("environment", textOrNull), .init("ordinal", numberOrNull), .init("errorType", textOrNull),
        .init("errorMessage", textOrNull), .init("requestBytes", number), .init("responseBytes", number),
        .init("run", textOrNull), .init("requestId", uuid),
        .init("attempt", optional("integer", "How often the function had had the queued event then.")),
        .init("peakMemoryBytes", optional("integer", "The most memory that its environment had held by then.")),
        .init("exceededMemoryBytes", optional("integer", "The memory limit that it was killed at.")),
    ]

    private static let initReport: [JSON.Member] = [
        .init("phase", words(InitReport.Phase.self, "Whose time it took.", isOptional: false)),
        .init("status", words(InitReport.Status.self, "How it ended.", isOptional: false)),
        .init("durationNs", number), .init("errorType", textOrNull),
    ]

    private static let event: [JSON.Member] = [
        .init("offsetNs", ["type": "integer", "description": "Since the request; negative before it."]),
        .init("event", string("Such as loop-created, run-begun, loop-closed, used-after-close.")),
        .init("loop", optional("integer", "The loop's serial in its environment.")),
        .init("durationNs", numberOrNull), .init("site", codeLineOrNull), .init("via", codeLineOrNull),
        .init("thread", text), .init("detail", textOrNull),
        .init("phase", ["enum": .array(Phase.allCases.map { .string($0.name) })]),
        .init("ordinal", numberOrNull), .init("sequence", number), .init("value", number), .init("flags", number),
    ]

    private static let freeze: [JSON.Member] = [
        .init("afterInvocation", optional("integer", "The ordinal of the invocation before it; null: there was none.")),
        .init("frozenAt", time), .init("thawedAt", ["type": ["string", "null"], "format": "date-time"]),
        .init("durationNs", numberOrNull), .init("processes", number), .init("means", string("SIGSTOP or cgroup.")),
    ]

    private static let loop: [JSON.Member] = [
        .init("function", functionName), .init("environment", text), .init("loop", number), .init("state", text),
        .init("createdAt", time), .init("createdIn", numberOrNull), .init("created", codeLineOrNull),
        .init("ran", codeLineOrNull), .init("closed", codeLineOrNull), .init("runs", number),
        .init("descriptors", number), .init("maker", textOrNull), .init("class", textOrNull),
        .init("leaked", ["type": "boolean"]), .init("createdPhase", text), .init("closedIn", numberOrNull),
    ]

    private static let alert: [JSON.Member] = [
        .init("fingerprint", text),
        .init("state", words(Alert.State.self, "Whether somebody cares.", isOptional: false)),
        .init("severity", words(Severity.self, "How bad it is.", isOptional: false)), .init("rule", text),
        .init("function", functionName), .init("site", codeLineOrNull), .init("count", number),
        .init("firstSeen", time), .init("lastSeen", time), .init("message", text), .init("advice", text),
    ]

    private static let function: [JSON.Member] = [
        .init("name", functionName), .init("handler", text), .init("python", text), .init("host", text),
        .init("loop", text), .init("timeoutNs", number), .init("memoryMB", number), .init("concurrency", number),
        .init("source", text), .init("description", text), .init("root", text), .init("runtime", text),
        .init("startMode", text), .init("initTimeoutNs", number), .init("keepAliveNs", number),
        .init("queue", number), .init("environmentNames", array(of: text)),
        .init("reservedConcurrency", numberOrNull), .init("provisionedConcurrency", number),
        .init("scalingEnvironments", number), .init("scalingPeriodNs", number), .init("keepAlivePolicy", text),
        .init("layers", array(of: text)), .init("venv", textOrNull), .init("requirements", textOrNull),
        .init("memoryLimit", words(ResourceLimits.MemoryLimit.self, "What is done about more.", isOptional: false)),
        .init("processors", optional("number", "How many it may use at once; null: all.")),
        .init(
            "state",
            object([.init("state", ["enum": ["ready", "preparing", "failed"]]), .init("reason", textOrNull)])
        ),
        .init(
            "provisioned",
            [
                "anyOf": [
                    object([
                        .init("wanted", number), .init("allocated", number), .init("available", number),
                        .init("state", words(ProvisioningStatus.State.self, "AWS Lambda's words.", isOptional: false)),
                        .init("reason", textOrNull),
                    ]),
                    ["type": "null"],
                ]
            ]
        ),
    ]

    private static let zygote: [JSON.Member] = [
        .init("interpreter", text), .init("preload", array(of: text)),
        .init("state", words(ZygoteStatus.State.self, "Of the process.", isOptional: false)),
        .init("processID", numberOrNull), .init("memoryBytes", optional("integer", "Its share of what is shared.")),
        .init("forks", number), .init("waiting", number), .init("waitingBytes", numberOrNull),
        .init("replaced", optional("integer", "How many there were before it, of those that were still wanted.")),
        .init("replacedAt", textOrNull), .init("reason", textOrNull),
    ]

    private static let preload: [JSON.Member] = [
        .init("function", functionName),
        .init("startMode", words(StartMode.self, "As the manifest says.", isOptional: false)),
        .init("preloaded", array(of: text)), .init("coldStarts", number),
        .init("coldStartMode", words(StartMode.self, "How those began that were looked at.", isOptional: true)),
        .init("initNs", numberOrNull), .init("importingNs", numberOrNull),
        .init("savedNs", optional("integer", "What a fork would spare of imports while the handler is loaded.")),
        .init("savedPercent", numberOrNull),
        .init("savedLaterNs", optional("integer", "And in the first invocation.")),
        .init("preload", ["type": "array", "items": text, "description": "What the manifest should list."]),
        .init("manifest", ["type": "array", "items": text, "description": "Lines for it; none: it needs no change."]),
    ]

    private static let importedModule: [JSON.Member] = [
        .init("module", text), .init("imported", number), .init("medianNs", numberOrNull),
        .init("percent", numberOrNull), .init("phase", textOrNull), .init("ownNs", numberOrNull),
        .init("verdict", string("preload; or why not: own, listed, refused, thread, always, rare, cheap, …")),
        .init("reason", text),
    ]

    private static let text: JSON = ["type": "string"]
    private static let textOrNull: JSON = ["type": ["string", "null"]]
    private static let number: JSON = ["type": "integer"]
    private static let numberOrNull: JSON = ["type": ["integer", "null"]]
    private static let findings = array(of: reference("Finding"))

    /// A reply of the report of a name: its members beside `schema`.
    private static func report(_ name: String, _ report: String, _ properties: JSON) -> JSON.Member {
        let schema = JSON.Member("schema", ["const": .string("loopwarden.\(report)/1")])
        return JSON.Member(name, object([schema] + (properties.members ?? [])))
    }
}
