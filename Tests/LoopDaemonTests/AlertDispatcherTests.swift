import Foundation
import Logging
import LoopModel
import ServiceLifecycle
import Testing

@testable import LoopDaemon

@Suite("The alert dispatcher")
struct AlertDispatcherTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func notice(_ message: String) -> AlertNotice {
        AlertNotice(
            alert: Alert(
                fingerprint: "0123",
                rule: "leaked-loop",
                severity: .error,
                function: FunctionName(sanitizing: "orders"),
                site: CodeLine(file: "handler.py", line: 4, function: "handler"),
                message: message,
                advice: "Close it.",
                count: 1,
                firstSeen: WallTime(nanoseconds: 0),
                lastSeen: WallTime(nanoseconds: 0),
                state: .open
            ),
            kind: .new
        )
    }

    @Test(
        "An alert is tried again until the sink takes it, and one bad sink does not keep it from another",
        .timeLimit(.minutes(5))
    )
    func retried() async throws {
        let (told, tell) = AsyncStream<String>.makeStream()
        let stubborn = Sink(name: "stubborn", refusals: 1, tell: tell)
        let broken = Sink(name: "broken", refusals: .max, isPermanent: true, tell: tell)
        let dispatcher = AlertDispatcher(sinks: [broken, stubborn], retries: 3, logger: logger)
        await withTaskGroup { group in
            group.addTask { await dispatcher.run() }
            dispatcher.forward([notice("one")])
            var seen: [String] = []
            for await word in told {
                seen.append(word)
                if word == "stubborn took one" { break }
            }
            #expect(seen.contains("broken refused one"))
            #expect(seen.filter { $0 == "stubborn refused one" }.count == 1)
            group.cancelAll()
        }
        #expect(dispatcher.undelivered.count == 1)
        #expect(dispatcher.undelivered.lastFailure?.hasPrefix("broken:") == true)
    }

    @Test("A program gets the alert as JSON on its standard input", .timeLimit(.minutes(5)))
    func command() async throws {
        try await withTemporaryFolder { folder in
            let sink = CommandSink(command: ["/bin/sh", "-c", "cat > \(folder)/alert.json"], timeout: .seconds(20))
            try await sink.deliver(notice("it leaks"))
            let json = try JSONReader.value(
                of: Array(try String(contentsOfFile: "\(folder)/alert.json", encoding: .utf8).utf8)
            )
            #expect(json["message"] == "it leaks")
            #expect(json["event"] == "alert.new")
            #expect(json["site"]?["line"] == 4)
        }
    }

    @Test("A program that ends with 75 is run again later, one that ends otherwise is not", .timeLimit(.minutes(5)))
    func commandStatus() async throws {
        for (status, isPermanent) in [(75, false), (1, true)] {
            let sink = CommandSink(command: ["/bin/sh", "-c", "exit \(status)"], timeout: .seconds(20))
            let failure = try await #require(throws: AlertDeliveryFailure.self) { try await sink.deliver(notice("x")) }
            #expect(failure.isPermanent == isPermanent)
        }
    }

    @Test("A program that hangs is given up", .timeLimit(.minutes(5)))
    func commandHangs() async throws {
        let sink = CommandSink(command: ["/bin/sleep", "600"], timeout: .milliseconds(50))
        await #expect(throws: AlertDeliveryFailure.self) { try await sink.deliver(notice("x")) }
    }
}

private actor Sink: AlertSink {
    nonisolated let name: String
    private var refusals: Int
    private let isPermanent: Bool
    private let tell: AsyncStream<String>.Continuation

    init(name: String, refusals: Int, isPermanent: Bool = false, tell: AsyncStream<String>.Continuation) {
        self.name = name
        self.refusals = refusals
        self.isPermanent = isPermanent
        self.tell = tell
    }

    func deliver(_ notice: AlertNotice) async throws {
        guard refusals == 0 else {
            refusals -= 1
            tell.yield("\(name) refused \(notice.alert.message)")
            throw AlertDeliveryFailure("no", isPermanent: isPermanent)
        }
        tell.yield("\(name) took \(notice.alert.message)")
    }
}
