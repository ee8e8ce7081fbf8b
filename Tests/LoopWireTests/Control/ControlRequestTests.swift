import LoopModel
import LoopWire
import Testing

/// 2026-11-21T08:59:03Z.
private let now = WallTime(nanoseconds: 1_795_251_543_000_000_000)

private func name(_ text: String) -> FunctionName { FunctionName(sanitizing: text) }

private func read(_ method: HTTPMethod, _ target: String, body: String = "") throws(APIFailure) -> ControlRequest {
    try ControlRequest.read(method, target, now: now, body: Array(body.utf8))
}

private func refusal(_ method: HTTPMethod, _ target: String, body: String = "") -> APIFailure? {
    do throws(APIFailure) {
        _ = try read(method, target, body: body)
        return nil
    } catch {
        return error
    }
}

@Suite("Requests of the control API") struct ControlRequestTests {
    static let filter = HistoryFilter(
        function: name("orders"),
        outcome: .timeout,
        isCold: false,
        since: now,
        until: WallTime(nanoseconds: now.nanoseconds + 250_000_000),
        limit: 7
    )

    static let requests: [ControlRequest] = [
        .health, .status, .doctor, .functions, .function(name("a-b_C9")), .addFunction(path: "/srv/ä \"x\"/h.py"),
        .removeFunction(name("orders")), .provision(name("orders"), 0), .provision(name("orders"), nil),
        .preload(name("orders")),
        .invoke(name("orders"), isCold: true), .invoke(name("orders"), isCold: false),
        .invocations(HistoryFilter()), .invocations(filter), .invocation(prefix: "0f3e-12"),
        .loops(HistoryFilter(function: name("orders"), since: now, until: now, limit: 1), state: .leaked),
        .loops(HistoryFilter(), state: .all), .findings(HistoryFilter(rule: "closed-loop-reuse", limit: 10_000)),
        .alerts(HistoryFilter(), states: [.open]), .alerts(HistoryFilter(limit: 3), states: Set(Alert.State.allCases)),
        .acknowledgeAlert(prefix: "00ff"), .resolveAlert(prefix: "00ff"), .rules, .rule("leaked-loop"), .recheck,
        .logs(LogRequest(LogFilter())),
        .logs(
            LogRequest(
                LogFilter(
                    function: name("orders"),
                    invocation: "0f3e-12",
                    environment: "0f1e",
                    since: now,
                    until: now,
                    before: LogPlace(at: now, row: 12),
                    text: "a & b",
                    limit: 7
                ),
                .begin
            )
        ),
        .logs(LogRequest(LogFilter(), .after("0f1e2d3c-7", wait: .seconds(3)))),
        .adoptRun(RunName(stored: "monday"), history: "/tmp/history.sqlite"),
        .openAPI,
    ]

    @Test("come back as they were sent", arguments: requests)
    func roundTrip(_ request: ControlRequest) throws {
        let (method, target, body) = request.encoded
        #expect(try ControlRequest.read(method, target, now: now, body: body) == request)
    }

    @Test("reach every route")
    func coverage() throws {
        let reached = Set(Self.requests.map { Self.route(of: $0) })
        #expect(reached == Set(ControlRoutes.all.map(\.operation)))
    }

    @Test("may say less: everything has its usual value")
    func defaults() throws {
        #expect(try read(.get, "/v1/invocations") == .invocations(HistoryFilter()))
        #expect(try read(.get, "/v1/loops?") == .loops(HistoryFilter(), state: .all))
        #expect(try read(.get, "/v1/alerts") == .alerts(HistoryFilter(), states: [.open]))
        #expect(try read(.post, "/v1/functions/f/invocations") == .invoke(name("f"), isCold: false))
        #expect(try read(.post, "/v1/functions/f/invocations?cold") == .invoke(name("f"), isCold: true))
    }

    @Test("may say more: what is not known is ignored")
    func unknownParameters() throws {
        #expect(try read(.get, "/v1/status?pretty=1&x") == .status)
        #expect(
            try read(.post, "/v1/functions", body: #"{"mode":[1],"path":"/p","path2":{}}"#) == .addFunction(path: "/p")
        )
    }

    @Test("may be written as RFC 3986 allows")
    func escapes() throws {
        #expect(try read(.get, "/v1/functions/%66n/") == .function(name("fn")))
        let filter = HistoryFilter(since: now)
        #expect(try read(.get, "/v1/findings?since=2026-11-21T10:59:03+02:00") == .findings(filter))
        #expect(try read(.get, "/v1/findings?since=2026-11-21T10%3A59%3A03%2B02:00") == .findings(filter))
    }

    @Test("count times back from the present")
    func relativeTimes() throws {
        let ago = WallTime(nanoseconds: now.nanoseconds - 900_000_000_000)
        #expect(try read(.get, "/v1/invocations?since=15m") == .invocations(HistoryFilter(since: ago)))
    }

    @Test("never ask for the body of an invocation")
    func bodyUnread() throws {
        func body() -> [UInt8] {
            Issue.record("the event was read")
            return []
        }
        _ = try ControlRequest.read(.post, "/v1/functions/f/invocations", now: now, body: body())
    }

    @Test(
        "that are wrong are refused with the parameter and what is expected",
        arguments: [
            ("/v1/invocations?limit=0", "limit", "1 to 10000"), ("/v1/invocations?limit=10001", "limit", "1 to 10000"),
            ("/v1/invocations?limit=", "limit", "whole number"), ("/v1/invocations?outcome=fine", "outcome", "timeout"),
            ("/v1/invocations?start=hot", "start", "cold or warm"), ("/v1/invocations?since=soon", "since", "15m"),
            ("/v1/invocations?until=2026-13-01", "until", "2026-11-21"), ("/v1/loops?state=shut", "state", "leaked"),
            ("/v1/alerts?state=closed", "state", "acknowledged"), ("/v1/findings?function=a.b", "function", "letters"),
            ("/v1/functions/%ff", "name", "letters"), ("/v1/functions/%2", "name", "letters"),
            ("/v1/functions/..%2Fx", "name", "letters"), ("/v1/invocations/xyz", "id", "hexadecimal"),
        ]
    )
    func badValues(_ target: String, _ parameter: String, _ expected: String) throws {
        let failure = try #require(refusal(.get, target))
        #expect(failure.code == .badParameter)
        #expect(failure.status == 400)
        #expect(failure.message.contains("\"\(parameter)\""))
        #expect(failure.hint.contains(expected))
    }

    @Test(
        "with a wrong body are refused with what is expected",
        arguments: ["", "{", "[]", "{}", #"{"path":1}"#, #"{"path":"relative"}"#, #"{"path":"/a"} x"#]
    )
    func badBodies(_ body: String) throws {
        let failure = try #require(refusal(.post, "/v1/functions", body: body))
        #expect(failure.code == .badBody)
        #expect(failure.hint.contains("/absolute/path"))
    }

    @Test(
        "with a wrong number of environments are refused with what is expected",
        arguments: ["", "{", "[]", "{}", #"{"environments":-1}"#, #"{"environments":1.5}"#, #"{"environments":"2"}"#]
    )
    func badCounts(_ body: String) throws {
        let failure = try #require(refusal(.post, "/v1/functions/orders/provisioned", body: body))
        #expect(failure.code == .badBody)
        #expect(failure.hint.contains(#"{"environments":2}"#))
    }

    @Test(
        "for what is not there are told what is",
        arguments: ["/", "", "/v1", "/v2/status", "/v1/functions/a/b/c", "*"]
    )
    func unknownRoutes(_ target: String) throws {
        let failure = try #require(refusal(.get, target))
        #expect((failure.code, failure.status) == (.unknownRoute, 404))
        #expect(failure.hint.contains("GET /v1/status"))
    }

    @Test("with the wrong method are told the right ones")
    func wrongMethods() throws {
        let one = try #require(refusal(.delete, "/v1/status"))
        #expect((one.code, one.status, one.allowed) == (.methodNotAllowed, 405, [.get]))
        let several = try #require(refusal(HTTPMethod(rawValue: "PATCH"), "/v1/functions/f"))
        #expect(several.allowed == [.get, .delete])
        #expect(several.headers.contains { $0.name == "allow" && $0.value == "GET, DELETE" })
    }

    /// The route that reads what the request is sent as.
    private static func route(of request: ControlRequest) -> String {
        let (method, target, _) = request.encoded
        let parts = target.prefix { $0 != "?" }.split(separator: "/")
        let route = ControlRoutes.all.first { route in
            let segments = route.path.split(separator: "/")
            return route.method == method && segments.count == parts.count
                && zip(segments, parts).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }
        return route?.operation ?? ""
    }
}
