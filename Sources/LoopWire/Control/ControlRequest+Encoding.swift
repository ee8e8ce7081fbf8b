import LoopModel

extension ControlRequest {
    /// The request as a client sends it: method, path with query, and the body where the request has fields in it.
    ///
    /// The body of an invocation is the event, which the client adds.
    package var encoded: (method: HTTPMethod, target: String, body: [UInt8]) {
        switch self {
        case .health: (.get, "/v1/health", [])
        case .status: (.get, "/v1/status", [])
        case .doctor: (.get, "/v1/doctor", [])
        case .functions: (.get, "/v1/functions", [])
        case .function(let name): (.get, "/v1/functions/\(name)", [])
        case .addFunction(let path):
            (.post, "/v1/functions", Array(JSON.object([.init("path", .string(path))]).text.utf8))
        case .removeFunction(let name): (.delete, "/v1/functions/\(name)", [])
        case .provision(let name, let count):
            (
                .post, "/v1/functions/\(name)/provisioned",
                Array(JSON.object([.init("environments", JSON(count))]).text.utf8)
            )
        case .preload(let name): (.get, "/v1/functions/\(name)/preload", [])
        case .invoke(let name, let isCold):
            (.post, "/v1/functions/\(name)/invocations\(isCold ? "?cold=true" : "")", [])
        case .invocations(let filter): (.get, "/v1/invocations" + Self.query(filter), [])
        case .invocation(let prefix): (.get, "/v1/invocations/\(PercentCoding.encode(prefix))", [])
        case .loops(let filter, let state): (.get, "/v1/loops" + Self.query(filter, [("state", state.rawValue)]), [])
        case .findings(let filter): (.get, "/v1/findings" + Self.query(filter), [])
        case .alerts(let filter, let states):
            (.get, "/v1/alerts" + Self.query(filter, [("state", Self.word(for: states))]), [])
        case .acknowledgeAlert(let prefix): (.post, "/v1/alerts/\(PercentCoding.encode(prefix))/acknowledge", [])
        case .resolveAlert(let prefix): (.post, "/v1/alerts/\(PercentCoding.encode(prefix))/resolve", [])
        case .logs(let request): (.get, "/v1/logs" + request.query, [])
        case .rules: (.get, "/v1/rules", [])
        case .rule(let id): (.get, "/v1/rules/\(PercentCoding.encode(id))", [])
        case .recheck: (.post, "/v1/recheck", [])
        case .adoptRun(let name, let history):
            (.post, "/v1/runs/\(name)", Array(JSON.object([.init("history", .string(history))]).text.utf8))
        case .openAPI: (.get, "/v1/openapi.json", [])
        }
    }

    /// One state, or all: the API knows no other sets.
    private static func word(for states: Set<Alert.State>) -> String {
        if let only = states.first, states.count == 1 { only.rawValue } else { "all" }
    }

    private static func query(_ filter: HistoryFilter, _ more: [(name: String, value: String?)] = []) -> String {
        let pairs: [(name: String, value: String?)] = [
            ("function", filter.function?.rawValue),
            ("outcome", filter.outcome?.rawValue),
            ("start", filter.isCold.map { $0 ? "cold" : "warm" }),
            ("since", filter.since?.rfc3339),
            ("until", filter.until?.rfc3339),
            ("rule", filter.rule),
            ("run", filter.run?.rawValue),
            ("limit", String(filter.limit)),
        ]
        let given = (more + pairs).compactMap { pair in
            pair.value.map { "\(pair.name)=\(PercentCoding.encode($0))" }
        }
        return given.isEmpty ? "" : "?" + given.joined(separator: "&")
    }
}
