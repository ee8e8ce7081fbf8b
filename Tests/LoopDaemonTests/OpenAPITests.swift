import LoopModel
import LoopStore
import Testing

@testable import LoopDaemon
@testable import LoopWire

@Suite("The server and its OpenAPI document")
struct OpenAPITests {
    private static let broken = """
        import asyncio
        loop = asyncio.new_event_loop()
        def handler(event, context):
            try:
                return loop.run_until_complete(asyncio.sleep(0, "done"))
            finally:
                loop.close()
        """

    @Test("Every route answers as the document says", .timeLimit(.minutes(5)))
    func everyRoute() async throws {
        try await withDaemon([
            "broken/plugin.yaml": "handler: handler.handler\nhost: bare\n", "broken/handler.py": Self.broken,
        ]) { daemon in
            try HistoryStore.open(at: "\(daemon.folder)/other.sqlite", options: StoreOptions()).store.close()
            try write(["extra.py": "def handler(event, context):\n    return 1\n"], below: daemon.folder)
            for _ in 0..<2 { _ = try await daemon.invoke("broken") }
            let history = try await daemon.json(.invocations(HistoryFilter()))
            let id = try #require(history["invocations"]?.elements?.first?["id"]?.stringValue)
            let all = try await daemon.json(.alerts(HistoryFilter(), states: [.open]))
            let alert = try #require(all["alerts"]?.elements?.first?["fingerprint"]?.stringValue)
            let extra = FunctionName(sanitizing: "extra")
            let broken = FunctionName(sanitizing: "broken")
            let requests: [ControlRequest] = [
                .health, .status, .doctor, .functions, .function(broken),
                .addFunction(path: "\(daemon.folder)/extra.py"), .removeFunction(extra), .invoke(broken, isCold: true),
                .invocations(HistoryFilter()), .invocation(prefix: id), .loops(HistoryFilter(), state: .all),
                .findings(HistoryFilter()), .alerts(HistoryFilter(), states: [.open]),
                .provision(broken, 1), .provision(broken, nil), .preload(broken), .acknowledgeAlert(prefix: alert),
                .resolveAlert(prefix: alert), .logs(LogRequest(LogFilter(), .begin)), .rules, .rule("leaked-loop"),
                .recheck,
                .adoptRun(RunName(stored: "monday"), history: "\(daemon.folder)/other.sqlite"),
                .openAPI,
            ]
            var operations: Set<String> = []
            for request in requests {
                let route = try #require(self.route(of: request))
                operations.insert(route.operation)
                let faults = OpenAPIDocument.faults(
                    in: try await daemon.json(request),
                    of: route.operation,
                    status: route.reply.status
                )
                #expect(faults.isEmpty, "\(route.operation)")
            }
            #expect(operations == Set(ControlRoutes.all.map(\.operation)))
        }
    }

    private func route(of request: ControlRequest) -> ControlRoute? {
        let (method, target, _) = request.encoded
        let path = target.split(separator: "?")[0].split(separator: "/")
        return ControlRoutes.all.first { $0.method == method && $0.match(path) != nil }
    }
}
