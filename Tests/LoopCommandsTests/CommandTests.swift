import LoopCommands
import LoopModel
import LoopOS
import LoopReports
import LoopWire
import Testing

@Suite("Commands", .timeLimit(.minutes(1))) struct CommandTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(
        "end with the status that says what was wrong",
        arguments: [
            (["nope"], 64, "no command \"nope\""), (["invoke"], 64, "<name>"), (["invoke", "a.b"], 64, "a.b"),
            (["invoke", "f", "--count", "0"], 64, "--count"), (["history", "--limit", "0"], 64, "1 to 10000"),
            (["history", "--since", "soon"], 64, "--since"), (["history", "--outcome", "fine"], 64, "--outcome"),
            (["history", "--cold", "--warm"], 64, "--cold"), (["loops", "--leaked", "--open"], 64, "--leaked"),
            (["status", "--connect-timeout", "-1"], 64, "--connect-timeout"), (["alerts", "ack"], 64, "<alert>"),
            (["invoke", "f", "--payload", "{\"a\":}"], 65, "line 1, column 6"),
            (["invoke", "f", "--payload", "-"], 65, "standard input"),
            (["invoke", "f", "--payload", "@/no/such/file"], 66, "/no/such/file"),
            (["functions", "add", "/no/such/folder"], 66, "/no/such/folder"),
            (["explain", "closed-loop-resue"], 66, "closed-loop-reuse"),
            (["status", "--socket", "/no/such.sock"], 69, "loopwarden daemon"),
            (["--socket", "/no/such.sock", "status"], 69, "/no/such.sock"),
            (["status", "--socket", "/\(String(repeating: "x", count: 200))"], 69, "107"),
            (["doctor", "--socket", "/no/such.sock"], 69, ""),
        ] as [([String], Int32, String)]
    )
    func mistakes(_ arguments: [String], _ status: Int32, _ words: String) async {
        let done = await run(arguments)
        #expect(done.status == status)
        #expect(words.isEmpty || done.errors.contains(words), "\(done.errors)")
        #expect(arguments.contains("doctor") || done.output.isEmpty)
    }

    @Test("look for the daemon where the variables say")
    func places() async {
        let done = await run(["status"], environment: ["LOOPWARDEN_SOCKET": "/from/variable"])
        #expect(done.errors.contains("/from/variable"))
        let both = await run(["status"], environment: ["XDG_RUNTIME_DIR": "/run/user/none"])
        #expect(both.errors.contains("/run/user/none/loopwarden/api.sock"))
        #expect(both.errors.contains("/run/loopwarden/api.sock"))
        #expect(!both.errors.contains("XDG_RUNTIME_DIR"))
        #expect(await run(["status"]).errors.contains("XDG_RUNTIME_DIR is not set"))
    }

    @Test("go on with what is older where a search for lines of logs took long, and print all in the order of time")
    func logs() async throws {
        @Sendable func line(_ second: Int, _ text: String) -> String {
            #"{"at":"2026-11-21T08:59:0\#(second).000Z","function":"f","source":"function","text":"\#(text)"}"#
        }
        let server = try ScriptedServer(in: folder.path) { request in
            let isLast = request.line.contains("before=")
            let lines = isLast ? [line(1, "1st"), line(3, "3rd")] : [line(2, "2nd"), line(4, "4th")]
            let older = isLast ? "null" : #""1795251540000000000-7""#
            return .bytes(http(#"{"lines":[\#(lines.joined(separator: ","))],"stream":{"older":\#(older)}}"#))
        }
        defer { server.stop() }
        let done = await run(["logs", "f", "--filter", "x", "--socket", server.path])
        #expect(done.status == 0)
        let texts = done.output.split(separator: "\n").compactMap { $0.split(separator: " ").last }
        #expect(texts == ["1st", "2nd", "3rd", "4th"])
        #expect(done.errors.contains("searched back to 2026-11-21T08:59:00.000Z, 2 found"))
        #expect(
            server.requests.map(\.line) == [
                "GET /v1/logs?function=f&text=x&limit=100 HTTP/1.1",
                "GET /v1/logs?function=f&before=1795251540000000000-7&text=x&limit=98 HTTP/1.1",
            ]
        )
    }

    @Test(
        "ask the daemon for what was asked of them",
        arguments: [
            (
                ["history", "--function", "f", "--warm", "--since", "2026-11-21", "--limit", "3"],
                "GET /v1/invocations?function=f&start=warm&since=2026-11-21T00:00:00.000Z&limit=3"
            ),
            (["history", "--since", "1h"], "GET /v1/invocations?since=2026-11-21T07:59:03.000Z&limit=50"),
            (["show", "0f3e"], "GET /v1/invocations/0f3e"),
            (["loops", "--leaked"], "GET /v1/loops?state=leaked&limit=50"),
            (["findings", "--rule", "leaked-loop"], "GET /v1/findings?rule=leaked-loop&limit=50"),
            (["alerts"], "GET /v1/alerts?state=open&limit=50"),
            (["alerts", "--state", "all"], "GET /v1/alerts?state=all&limit=50"),
            (["alerts", "list", "--function", "f"], "GET /v1/alerts?state=open&function=f&limit=50"),
            (["alerts", "ack", "00ff"], "POST /v1/alerts/00ff/acknowledge"),
            (["alerts", "resolve", "00ff"], "POST /v1/alerts/00ff/resolve"),
            (["functions"], "GET /v1/functions"), (["functions", "show", "f"], "GET /v1/functions/f"),
            (["functions", "remove", "f"], "DELETE /v1/functions/f"),
            (["functions", "add", "/tmp"], "POST /v1/functions"),
            (["recheck"], "POST /v1/recheck"), (["status"], "GET /v1/status"),
        ] as [([String], String)]
    )
    func requests(_ arguments: [String], _ line: String) async throws {
        let server = try ScriptedServer(in: folder.path) { _ in .bytes(http("{\"as\":[\"it is\"]}")) }
        defer { server.stop() }
        let done = await run(arguments + ["--json", "--socket", server.path])
        #expect(done.status == 0, "\(done.errors)")
        #expect(done.output == "{\"as\":[\"it is\"]}\n")
        #expect(server.requests.map(\.line) == ["\(line) HTTP/1.1"])
    }

    @Test("add a function by its absolute path")
    func absolutePaths() async throws {
        let server = try ScriptedServer(in: folder.path) { _ in .bytes(http("{}", status: "201 Created")) }
        defer { server.stop() }
        _ = await run([
            "functions", "add", "\(folder.path)/../\(folder.path.dropFirst(5))/.", "--json", "--socket", server.path,
        ])
        #expect(server.requests.map(\.body) == ["{\"path\":\"\(folder.path)\"}"])
    }

    @Test("make tables of documents")
    func tables() async throws {
        let document = ReportDocument(
            schema: "loopwarden.status/1",
            title: "",
            sections: [
                .init(
                    key: "rows",
                    content: .table(columns: [.init("name", "NAME")], rows: [[.marked("orders", .good)]])
                )
            ]
        )
        let body = String(decoding: DocumentCoding.encode(document), as: UTF8.self)
        let server = try ScriptedServer(in: folder.path) { _ in .bytes(http(body)) }
        defer { server.stop() }
        let plain = await run(["status", "--socket", server.path])
        #expect(plain.status == 0)
        #expect(plain.output.contains("NAME\n") && plain.output.contains("orders\n"))
        #expect(!plain.output.contains("\u{1B}"))
        #expect(await run(["status", "--socket", server.path], width: 80).output.contains("\u{1B}["))
        for (arguments, environment) in [(["--no-color"], [:]), ([], ["NO_COLOR": "1"]), ([], ["TERM": "dumb"])] {
            let done = await run(["status", "--socket", server.path] + arguments, environment: environment, width: 80)
            #expect(!done.output.contains("\u{1B}"))
        }
    }

    @Test("say when the daemon is of another version")
    func documentsNotUnderstood() async throws {
        let server = try ScriptedServer(in: folder.path) { _ in .bytes(http("{\"not\":\"a document\"}")) }
        defer { server.stop() }
        let done = await run(["status", "--socket", server.path])
        #expect(done.status == 76)
        #expect(done.errors.contains("version"))
    }

    @Test("end quietly when their reader has enough, and loudly when the disk is full")
    func closedOutput() async {
        let quiet = await run(["explain"], outputFailure: .outputClosed)
        #expect((quiet.status, quiet.errors) == (0, ""))
        let full = SystemFailure(call: "write", code: 28, context: "")
        let loud = await run(["explain"], outputFailure: .output(full))
        #expect(loud.status == 74)
        #expect(loud.errors.contains("No space left"))
        #expect(await run(["--help"], outputFailure: .output(full)).status == 74)
    }

    @Test("explain rules without a daemon, by name and by code")
    func explain() async {
        let text = await run(["explain", "closed-loop-reuse"])
        #expect(text.status == 0)
        #expect(text.output.contains("asyncio"))
        #expect(await run(["explain", "lw201"]).output == text.output)
        let json = await run(["explain", "closed-loop-reuse", "--json"])
        #expect((try? JSONReader.value(of: Array(json.output.utf8)))?["rule"] == "closed-loop-reuse")
    }
}
