import LoopCommands
import LoopModel
import LoopOS
import LoopWire
import Testing

@Suite("The control API's client", .timeLimit(.minutes(2))) struct ControlClientTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func failure(of body: () throws(CommandFailure) -> Void) -> CommandFailure? {
        do throws(CommandFailure) {
            try body()
            return nil
        } catch {
            return error
        }
    }

    @Test("makes 10,000 requests over one connection")
    func keepAlive() throws {
        let server = try ScriptedServer(in: folder.path) { .bytes(http($0.body)) }
        defer { server.stop() }
        let client = ControlClient(paths: [server.path])
        let name = try #require(FunctionName(rawValue: "f"))
        var wrong = 0
        for number in 0..<10_000 {
            let event = Array("{\"number\":\(number)}".utf8)
            if try client.send(.invoke(name, isCold: false), event: event) != event { wrong += 1 }
        }
        #expect(wrong == 0)
        #expect(server.connections == 1)
        #expect(server.requests.count == 10_000)
        #expect(server.requests[0].line == "POST /v1/functions/f/invocations HTTP/1.1")
    }

    @Test("reads a reply that comes in chunks")
    func chunks() throws {
        let server = try ScriptedServer(in: folder.path) { _ in
            .bytes("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n1\r\n \r\n0\r\n\r\n")
        }
        defer { server.stop() }
        let client = ControlClient(paths: [server.path])
        #expect(try client.send(.status) == Array("{} ".utf8))
        #expect(try client.send(.status) == Array("{} ".utf8))
        #expect(server.connections == 1)
    }

    @Test("opens another connection when the daemon closes one")
    func closing() throws {
        let server = try ScriptedServer(in: folder.path) { _ in .lastBytes(http("{}", headers: "connection: close\r\n"))
        }
        defer { server.stop() }
        let client = ControlClient(paths: [server.path])
        for _ in 0..<3 { _ = try client.send(.status) }
        #expect(server.connections == 3)
    }

    @Test("asks again what changes nothing when an idle connection was closed, and invokes nothing twice")
    func idleConnections() throws {
        // Each connection answers one request and is closed without a word.
        let server = try ScriptedServer(in: folder.path) { _ in .lastBytes(http("{}")) }
        defer { server.stop() }
        let client = ControlClient(paths: [server.path])
        _ = try client.send(.status)
        _ = try client.send(.status)
        #expect(server.connections == 2)
        let name = try #require(FunctionName(rawValue: "f"))
        let failure = failure { () throws(CommandFailure) in _ = try client.send(.invoke(name, isCold: false)) }
        guard case .cut = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(server.requests.count == 2)
    }

    @Test("asks for the form of the reply that is wanted")
    func forms() throws {
        let server = try ScriptedServer(in: folder.path) { _ in .bytes(http("{}")) }
        defer { server.stop() }
        let client = ControlClient(paths: [server.path])
        _ = try client.send(.status)
        _ = try client.send(.status, form: .document)
        #expect(server.requests.map { ReplyForm(accept: accept(in: $0.headers)) } == [.contract, .document])
    }

    private func accept(in headers: [String]) -> String? {
        headers.first { $0.hasPrefix("accept: ") }.map { String($0.dropFirst(8)) }
    }

    @Test("hands on what the daemon refuses")
    func refusals() throws {
        let server = try ScriptedServer(in: folder.path) { _ in
            .bytes(http(APIFailure.shuttingDown.json.text, status: "503 Service Unavailable"))
        }
        defer { server.stop() }
        let client = ControlClient(paths: [server.path])
        let failure = failure { () throws(CommandFailure) in _ = try client.send(.status) }
        guard case .refused(let refusal) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(refusal.code == .shuttingDown)
    }

    @Test(
        "says what is wrong with an answer that is none",
        arguments: [
            ("SSH-2.0-OpenSSH\r\n\r\n", CommandStatus.protocolBroken), ("", .unavailable),
            ("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{}", .unavailable),
            ("HTTP/1.1 200 OK\r\ncontent-length: 999999999999\r\n\r\n", .protocolBroken),
            ("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n", .protocolBroken),
        ]
    )
    func nonsense(_ bytes: String, _ status: CommandStatus) throws {
        let server = try ScriptedServer(in: folder.path) { _ in .lastBytes(bytes) }
        defer { server.stop() }
        let client = ControlClient(paths: [server.path])
        let failure = failure { () throws(CommandFailure) in _ = try client.send(.status) }
        #expect(failure?.exit == status)
        #expect(failure.map { !$0.description.isEmpty && !$0.hint.isEmpty } == true)
    }

    @Test("tries the next place where nobody listens at the first")
    func places() throws {
        let server = try ScriptedServer(in: folder.path) { _ in .bytes(http("{}")) }
        defer { server.stop() }
        let client = ControlClient(paths: ["\(folder.path)/none", server.path])
        _ = try client.send(.health)
        #expect(client.answeringPath == server.path)
    }

    @Test("waits for a daemon that is starting, for as long as it is told")
    func waiting() throws {
        let path = "\(folder.path)/api.sock"
        let (folder, server) = (folder, Locked<ScriptedServer?>(nil))
        try PosixThread.start(named: "late") {
            // The client is on its way meanwhile; it finds no socket first, or it finds one: both must do.
            let late = try? ScriptedServer(in: folder.path) { _ in .bytes(http("{}")) }
            server.withLock { $0 = late }
        }
        _ = try ControlClient(paths: [path], connectTimeout: .seconds(60)).send(.health)
        server.withLock { $0?.stop() }
    }

    @Test("gives up when nobody comes")
    func givingUp() throws {
        let client = ControlClient(paths: ["\(folder.path)/none"], connectTimeout: .milliseconds(20))
        let failure = failure { () throws(CommandFailure) in _ = try client.send(.health) }
        #expect(failure?.exit == .unavailable)
    }

    @Test("tells a missing socket from one that a dead daemon left")
    func missing() throws {
        let stale = "\(folder.path)/stale"
        Descriptor.close(try UnixSocket.listen(stale, mode: 0o600))
        let client = ControlClient(paths: ["\(folder.path)/none", stale])
        let failure = try #require(failure { () throws(CommandFailure) in _ = try client.send(.health) })
        #expect(failure.description.contains("there is no socket \(folder.path)/none"))
        #expect(failure.description.contains("nobody listens on \(stale)"))
        #expect(failure.hint.contains("loopwarden daemon"))
        #expect(failure.hint.contains("systemctl start loopwarden"))
        #expect(failure.exit == .unavailable)
    }

    @Test("tells a user without the right what gives it")
    func denied() {
        let failure = CommandFailure.denied(path: "/run/loopwarden/api.sock")
        #expect(failure.exit == .denied)
        #expect(failure.hint.contains("usermod -aG"))
    }
}
