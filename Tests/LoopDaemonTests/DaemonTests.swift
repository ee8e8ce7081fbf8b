import Foundation
import Logging
import LoopModel
import LoopOS
import LoopWire
import Testing

@testable import LoopDaemon

@Suite("A whole daemon")
struct DaemonTests {
    private static let broken = """
        import asyncio
        loop = asyncio.new_event_loop()
        def handler(event, context):
            try:
                return loop.run_until_complete(work(event))
            finally:
                loop.close()
        async def work(event):
            return {"got": event}
        """

    @Test("The case it was born from: fine cold, failing warm, and the guilty lines named", .timeLimit(.minutes(5)))
    func bornFrom() async throws {
        try await withDaemon([
            "broken/plugin.yaml": "handler: handler.handler\nhost: bare\n", "broken/handler.py": Self.broken,
        ]) { daemon in
            let cold = try await daemon.invoke("broken", event: #"{"a": 1}"#)
            #expect(cold.record.outcome == .ok)
            #expect(cold.record.isCold && cold.record.cause == .first)
            #expect(String(decoding: cold.result, as: UTF8.self) == #"{"got": {"a": 1}}"#)
            let warm = try await daemon.invoke("broken")
            #expect(warm.record.outcome == .error)
            #expect(!warm.record.isCold)
            #expect(warm.record.errorType == "RuntimeError")
            #expect(warm.record.errorMessage == "Event loop is closed")
            let finding = try #require(warm.findings.first { $0.rule == "closed-loop-reuse" })
            #expect(finding.site == CodeLine(file: "handler.py", line: 5, function: "handler"))
            let roles = Dictionary(uniqueKeysWithValues: finding.related.map { ($0.role.rawValue, $0.line.line) })
            #expect(roles["created"] == 2)
            #expect(roles["closed"] == 7)
            #expect(roles["used"] == 5)
            let history = try await daemon.json(.invocations(HistoryFilter()))
            #expect(history["invocations"]?.elements?.count == 2)
            let alerts = try await daemon.json(.alerts(HistoryFilter(), states: [.open]))
            #expect(alerts["alerts"]?.elements?.isEmpty == false)
        }
    }

    @Test("Judging again changes nothing", .timeLimit(.minutes(5)))
    func recheck() async throws {
        try await withDaemon([
            "broken/plugin.yaml": "handler: handler.handler\nhost: bare\n", "broken/handler.py": Self.broken,
        ]) { daemon in
            for _ in 0..<3 { _ = try await daemon.invoke("broken") }
            let before = try await daemon.json(.findings(HistoryFilter()))
            let summary = try await daemon.json(.recheck)
            #expect(summary["summary"]?["findingsAdded"] == 0)
            #expect(summary["summary"]?["findingsRemoved"] == 0)
            #expect(try await daemon.json(.findings(HistoryFilter())) == before)
        }
    }

    @Test("Functions are added, shown and removed while it runs", .timeLimit(.minutes(5)))
    func functions() async throws {
        try await withDaemon([:]) { daemon in
            try write(["extra.py": "def handler(event, context):\n    return 41 + 1\n"], below: daemon.folder)
            _ = try await daemon.send(.addFunction(path: "\(daemon.folder)/extra.py"))
            #expect(try await daemon.invoke("extra").result == Array("42".utf8))
            _ = try await daemon.send(.removeFunction(FunctionName(sanitizing: "extra")))
            await #expect(throws: (any Error).self) { try await daemon.invoke("extra") }
        }
    }

    @Test("An alert reaches the configured command, without the invocation waiting for it", .timeLimit(.minutes(5)))
    func alertCommand() async throws {
        try await withTemporaryFolder { place in
            let files = [
                "broken/plugin.yaml": "handler: handler.handler\nhost: bare\n", "broken/handler.py": Self.broken,
            ]
            // A fifo: reading it waits for the hook, without any sleeping.
            let fifo = "\(place)/alerts"
            #expect(mkfifo(fifo, 0o600) == 0, "\(errno)")
            try await withDaemon(files) { settings in
                settings.alertCommand = ["/bin/sh", "-c", "cat > \(fifo)"]
            } _: { daemon in
                _ = try await daemon.invoke("broken")
                let text = try await onThread(named: "reader") { try File.read(fifo) }
                let alert = try JSONReader.value(of: text)
                #expect(alert["event"] == "alert.new")
                #expect(alert["rule"] == "module-scope-loop")
                #expect(alert["function"] == "broken")
            }
        }
    }

    @Test("A bad plugin is told by status, and the others are served", .timeLimit(.minutes(5)))
    func badPlugin() async throws {
        try await withDaemon([
            "bad/plugin.yaml": "handler: 5\n", "good/plugin.yaml": "handler: handler.handler\n",
            "good/handler.py": "async def handler(event, context):\n    return 1\n",
        ]) { daemon in
            #expect(try await daemon.invoke("good").record.outcome == .ok)
            let status = try await daemon.send(.status)
            #expect(String(decoding: status, as: UTF8.self).contains("bad/plugin.yaml:1"))
        }
    }

    @Test("A second daemon on the same state folder is refused, and the first goes on", .timeLimit(.minutes(5)))
    func secondDaemon() async throws {
        try await withDaemon([:]) { daemon in
            var settings = Settings(state: "\(daemon.folder)/state", socket: "\(daemon.folder)/other.sock")
            settings.drain = .zero
            let second = Daemon(
                settings: settings,
                manager: .takeFromEnvironment(),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
            let failure = try await #require(throws: DaemonFailure.self) { try await second.run() }
            #expect(failure.exitCode == 75)
            #expect("\(failure)".contains("already running as process"))
            #expect(try await daemon.json(.health)["status"] == "ok")
        }
    }
}
