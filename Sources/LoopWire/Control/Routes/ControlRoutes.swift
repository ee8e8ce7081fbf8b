import LoopModel

/// All routes of the control API.
///
/// A new one is a case of ``ControlRequest``, an entry here, and its line in
/// `ControlRequest+Encoding.swift`.
package enum ControlRoutes {
    private typealias P = ControlParameters

    /// The busiest first: they are tried in this order.
    package static let all: [ControlRoute] = [
        ControlRoute(
            .post,
            "/v1/functions/{name}/invocations",
            "invoke",
            "Invoke a function, and wait for its result and for what the rules say of it.",
            parameters: [P.name],
            query: [P.cold],
            body: .event,
            reply: .object("RunReply"),
            failures: [.badBody, .unknownFunction, .payloadTooLarge, .queueFull, .conflict]
        ) { arguments throws(APIFailure) in
            .invoke(try arguments.required(P.name), isCold: try arguments.optional(P.cold) ?? false)
        },
        ControlRoute(.get, "/v1/health", "health", "Whether the daemon is up.", reply: .object("Health")) { _ in
            .health
        },
        ControlRoute(
            .get,
            "/v1/status",
            "status",
            "What the daemon is doing, and how much it keeps.",
            reply: .report("Status")
        ) { _ in .status },
        ControlRoute(.get, "/v1/doctor", "doctor", "What may be wrong with the installation.", reply: .report("Doctor"))
        { _ in .doctor },
        ControlRoute(.get, "/v1/functions", "listFunctions", "The functions, by name.", reply: .report("FunctionList"))
        { _ in .functions },
        ControlRoute(
            .get,
            "/v1/functions/{name}",
            "showFunction",
            "One function, with its configuration.",
            parameters: [P.name],
            reply: .report("FunctionList"),
            failures: [.unknownFunction]
        ) { arguments throws(APIFailure) in .function(try arguments.required(P.name)) },
        ControlRoute(
            .post,
            "/v1/functions",
            "addFunction",
            "Serve a plugin, now and after every restart.",
            body: .object(schema: "NewFunction"),
            reply: .report("FunctionList", status: 201),
            failures: [.badBody, .badPlugin, .conflict]
        ) { arguments throws(APIFailure) in
            let expected = "{\"path\":\"/absolute/path/to/folder-or-file.py\"}"
            let path = try arguments.field("path", expected: expected)
            guard path.hasPrefix("/") else {
                throw .badBody("The path \"\(path)\" is not absolute.", expected: expected)
            }
            return .addFunction(path: path)
        },
        ControlRoute(
            .delete,
            "/v1/functions/{name}",
            "removeFunction",
            "Stop serving a function; its history is kept.",
            parameters: [P.name],
            reply: .report("FunctionList"),
            failures: [.unknownFunction]
        ) { arguments throws(APIFailure) in .removeFunction(try arguments.required(P.name)) },
        ControlRoute(
            .post,
            "/v1/functions/{name}/provisioned",
            "provisionFunction",
            "Keep environments of a function ready, until the daemon ends or this is said again.",
            parameters: [P.name],
            body: .object(schema: "Provisioning"),
            reply: .report("FunctionList"),
            failures: [.badBody, .unknownFunction]
        ) { arguments throws(APIFailure) in
            .provision(
                try arguments.required(P.name),
                try arguments.count(
                    "environments",
                    expected: "{\"environments\":2}, or null for what the manifest says"
                )
            )
        },
        ControlRoute(
            .get,
            "/v1/functions/{name}/preload",
            "suggestPreload",
            "What to import before a function's environments are forked, by what its cold starts took.",
            parameters: [P.name],
            reply: .report("PreloadSuggestion"),
            failures: [.unknownFunction]
        ) { arguments throws(APIFailure) in .preload(try arguments.required(P.name)) },
        ControlRoute(
            .get,
            "/v1/invocations",
            "listInvocations",
            "The invocations, the newest first.",
            query: [P.function, P.outcome, P.start, P.since, P.until, P.run, P.limit],
            reply: .report("InvocationList")
        ) { arguments throws(APIFailure) in .invocations(try arguments.filter()) },
        ControlRoute(
            .get,
            "/v1/invocations/{id}",
            "showInvocation",
            "One invocation: its timeline of events and its findings.",
            parameters: [P.invocationPrefix],
            reply: .report("Invocation"),
            failures: [.unknownInvocation, .ambiguousPrefix]
        ) { arguments throws(APIFailure) in .invocation(prefix: try arguments.required(P.invocationPrefix)) },
        ControlRoute(
            .get,
            "/v1/loops",
            "listLoops",
            "The lives of event loops, the newest first.",
            query: [P.loopState, P.function, P.since, P.until, P.run, P.limit],
            reply: .report("LoopList")
        ) { arguments throws(APIFailure) in
            .loops(try arguments.filter(), state: try arguments.optional(P.loopState) ?? .all)
        },
        ControlRoute(
            .get,
            "/v1/findings",
            "listFindings",
            "What the rules found, the newest first.",
            query: [P.function, P.rule, P.since, P.until, P.run, P.limit],
            reply: .report("FindingList")
        ) { arguments throws(APIFailure) in .findings(try arguments.filter()) },
        ControlRoute(
            .get,
            "/v1/alerts",
            "listAlerts",
            "The alerts, the latest seen first.",
            query: [P.alertState, P.function, P.limit],
            reply: .report("AlertList")
        ) { arguments throws(APIFailure) in
            .alerts(try arguments.filter(), states: try arguments.optional(P.alertState) ?? [.open])
        },
        ControlRoute(
            .post,
            "/v1/alerts/{id}/acknowledge",
            "acknowledgeAlert",
            "Say that an alert is known; it stays quiet when it is seen again.",
            parameters: [P.alertPrefix],
            reply: .report("AlertList"),
            failures: [.unknownAlert, .ambiguousPrefix]
        ) { arguments throws(APIFailure) in .acknowledgeAlert(prefix: try arguments.required(P.alertPrefix)) },
        ControlRoute(
            .post,
            "/v1/alerts/{id}/resolve",
            "resolveAlert",
            "Say that the cause of an alert is mended; it opens again when it is seen again.",
            parameters: [P.alertPrefix],
            reply: .report("AlertList"),
            failures: [.unknownAlert, .ambiguousPrefix]
        ) { arguments throws(APIFailure) in .resolveAlert(prefix: try arguments.required(P.alertPrefix)) },
        ControlRoute(
            .get,
            "/v1/logs",
            "showLogs",
            "What functions and the platform have logged, in the order of time; with a position, what came after it.",
            query: [
                P.function, P.logInvocation, P.logEnvironment, P.since, P.until, P.logPlace, P.logText, P.logLimit,
                P.logFollow, P.logPosition, P.logWait,
            ],
            reply: .report("LogLines"),
            failures: [.unknownFunction, .positionLost]
        ) { arguments throws(APIFailure) in .logs(try LogRequest(arguments)) },
        ControlRoute(.get, "/v1/rules", "listRules", "The rules.", reply: .object("RuleList")) { _ in .rules },
        ControlRoute(
            .get,
            "/v1/rules/{id}",
            "showRule",
            "One rule: cause, broken example, fixed example.",
            parameters: [P.ruleID],
            reply: .object("Rule"),
            failures: [.unknownRule]
        ) { arguments throws(APIFailure) in .rule(try arguments.required(P.ruleID)) },
        ControlRoute(
            .post,
            "/v1/recheck",
            "recheck",
            "Derive all findings again from the events kept.",
            reply: .report("Recheck")
        ) { _ in .recheck },
        ControlRoute(
            .post,
            "/v1/runs/{name}",
            "adoptRun",
            "Take a simulation that was made elsewhere into the history.",
            parameters: [P.runName],
            body: .object(schema: "NewRun"),
            reply: .report("Run", status: 201),
            failures: [.badBody, .conflict, .storage]
        ) { arguments throws(APIFailure) in
            let expected = "{\"history\":\"/absolute/path/to/history.sqlite\"}"
            let path = try arguments.field("history", expected: expected)
            guard path.hasPrefix("/") else {
                throw .badBody("The path \"\(path)\" is not absolute.", expected: expected)
            }
            return .adoptRun(try arguments.required(P.runName), history: path)
        },
        ControlRoute(
            .get,
            "/v1/openapi.json",
            "openAPI",
            "This document.",
            reply: .object("OpenAPI")
        ) { _ in .openAPI },
    ]
}
