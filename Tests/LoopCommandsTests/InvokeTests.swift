import LoopCommands
import LoopModel
import LoopOS
import LoopWire
import Testing

@Suite("loopwarden invoke", .timeLimit(.minutes(1))) struct InvokeTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A daemon that answers with what the handler would.
    private func daemon(result: String = #"{"squares":[4, 9]}"#, outcome: Outcome = .ok) throws -> ScriptedServer {
        try ScriptedServer(in: folder.path) { request in
            guard request.line.contains("/invocations") else { return .bytes(http("{\"functions\":[]}")) }
            var record = InvocationRecord(
                id: InvocationID(rawValue: "0f3e1111-aaaa"),
                function: FunctionName(sanitizing: "orders"),
                requestedAt: WallTime(nanoseconds: 0)
            )
            record.environment = EnvironmentID(rawValue: "abcdef0123456789")
            record.ordinal = 0
            record.isCold = request.line.contains("cold=true")
            record.outcome = outcome
            record.duration = .milliseconds(12)
            if outcome != .ok { (record.errorType, record.errorMessage) = ("RuntimeError", "Event loop is closed") }
            let reply = RunReply(record: record, result: Array(result.utf8), findings: [])
            return .bytes(http(String(decoding: reply.bytes, as: UTF8.self)))
        }
    }

    @Test("prints the result to standard output, and how it went to standard error")
    func result() async throws {
        let server = try daemon()
        defer { server.stop() }
        let done = await run(["invoke", "orders", "--payload", "{\"numbers\":[2,3]}", "--socket", server.path])
        #expect((done.status, done.output) == (0, "{\"squares\":[4, 9]}\n"))
        #expect(done.errors == "orders: ok, warm, handler 12.0 ms, invocation 0f3e1111, environment abcdef01 no. 0\n")
        #expect(server.requests.first?.body == "{\"numbers\":[2,3]}")
    }

    @Test("exits with 1 when the invocation failed, and says how")
    func failure() async throws {
        let server = try daemon(result: "{\"errorType\":\"RuntimeError\"}", outcome: .error)
        defer { server.stop() }
        let done = await run(["invoke", "orders", "--cold", "--socket", server.path])
        #expect((done.status, done.output) == (1, "{\"errorType\":\"RuntimeError\"}\n"))
        #expect(done.errors.contains("orders: error, cold"))
        #expect(done.errors.contains("RuntimeError: Event loop is closed"))
        #expect(server.requests.first?.body == "{}")
    }

    @Test("takes the event from the command line, a file, or standard input")
    func payloads() async throws {
        let server = try daemon()
        defer { server.stop() }
        try File.write(Array("[1]\n".utf8), to: "\(folder.path)/event.json")
        let file = "\(folder.path)/event.json"
        for (payload, body) in [("[1]", "[1]"), (file, "[1]\n"), ("@\(file)", "[1]\n"), ("-", "[2]")] {
            let done = await run(["invoke", "orders", "--payload", payload, "--socket", server.path], input: "[2]")
            #expect(done.status == 0)
            #expect(server.requests.last?.body == body)
        }
    }

    @Test("takes a service's sample")
    func samples() async throws {
        let server = try daemon()
        defer { server.stop() }
        let done = await run(["invoke", "orders", "--event-source", "SQS", "--socket", server.path])
        #expect(done.status == 0)
        #expect(server.requests.last?.body == (try EventSource(named: "sqs").text))
        let wrong = await run(["invoke", "orders", "--event-source", "sqz", "--socket", server.path])
        #expect(wrong.status == 64)
        #expect(wrong.errors.contains("Did you mean \"sqs\"? There are: sqs, sns"))
        let both = await run(["invoke", "orders", "--event-source", "sqs", "--payload", "1", "--socket", server.path])
        #expect(both.status == 64)
    }

    @Test("says where an event is wrong, or that it is not there")
    func badPayloads() async throws {
        try File.write(Array("{\n 1}".utf8), to: "\(folder.path)/event.json")
        for (payload, status, part) in [
            ("{a:1}", 65, "on the command line is not JSON: line 1, column 2"), ("none.json", 66, "no file none.json"),
            ("\(folder.path)/event.json", 65, "/event.json:2:2: the event is not JSON"),
            (folder.path, 66, "is a folder"),
        ] as [(String, Int32, String)] {
            let done = await run(["invoke", "orders", "--payload", payload, "--socket", "/nowhere"])
            #expect(done.status == status, "\(payload): \(done.errors)")
            #expect(done.errors.contains(part), "\(payload): \(done.errors)")
        }
    }

    @Test("prints the daemon's reply as it is with --json, one a line")
    func json() async throws {
        let server = try daemon()
        defer { server.stop() }
        let done = await run(["invoke", "orders", "--json", "--count", "3", "--socket", server.path])
        let lines = done.output.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(done.errors.isEmpty)
        for line in lines {
            let reply = try JSONReader.value(of: Array(line.utf8))
            #expect(reply.members?.map(\.key) == ["invocation", "result", "findings"])
            #expect(
                reply["invocation"]?.members?.map(\.key) == [
                    "id", "function", "environment", "ordinal", "start", "cause", "outcome", "errorType",
                    "errorMessage", "queuedMs", "initMs", "inits", "durationMs", "peakMemoryBytes",
                    "exceededMemoryBytes", "requestedAt",
                ]
            )
        }
        #expect(server.connections == 1)
    }

    @Test("tells a short series one by one, and a long one as a whole")
    func series() async throws {
        let server = try daemon()
        defer { server.stop() }
        let short = await run(["invoke", "orders", "--count", "20", "--socket", server.path])
        #expect(short.output.split(separator: "\n").count == 20)
        #expect(short.errors.split(separator: "\n").count == 20)
        let long = await run(["invoke", "orders", "--count", "21", "--socket", server.path])
        #expect(long.output.hasPrefix("21 invocations: 21 ok; 0 cold; round trip p50 "))
        #expect(long.errors.isEmpty)
        let watched = await run(["invoke", "orders", "--count", "21", "--socket", server.path], width: 80)
        #expect(watched.errors.hasPrefix("\r1 of 21 (4 %)"))
        #expect(watched.errors.hasSuffix("\r\u{1B}[K"))
    }

    @Test("says what the daemon says when it refuses")
    func refusal() async throws {
        let refusal = APIFailure.queueFull("Every environment of \"orders\" is busy.")
        let server = try ScriptedServer(in: folder.path) { _ in
            .bytes(http(refusal.json.text, status: "429 Too Many Requests"))
        }
        defer { server.stop() }
        let done = await run(["invoke", "orders", "--socket", server.path])
        #expect((done.status, done.output) == (75, ""))
        #expect(done.errors == "loopwarden: \(refusal.message)\n  \(refusal.hint)\n")
    }
}
