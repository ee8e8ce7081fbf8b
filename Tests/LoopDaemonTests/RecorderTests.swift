import Foundation
import Logging
import LoopModel
import LoopRules
import LoopRunner
import LoopStore
import Testing

@testable import LoopDaemon

@Suite("The recorder")
struct RecorderTests {
    /// A recorder on a fresh store, working on its thread while `body` runs.
    private func withRecorder(
        busyTimeout: Duration = .seconds(5),
        _ body: (Recorder, HistoryStore, String) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/history.sqlite"
            let (store, _) = try HistoryStore.open(at: path, options: StoreOptions(busyTimeout: busyTimeout))
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let alerts = AlertDispatcher(sinks: [], retries: 0, logger: logger)
            let recorder = Recorder(store: store, rules: RuleBook(), alerts: alerts, logger: logger)
            async let work: Void = onThread(named: "recorder") { recorder.work() }
            do {
                try await body(recorder, store, path)
            } catch {
                recorder.close()
                throw error
            }
            recorder.close()
            try await work
            try store.close()
        }
    }

    @Test("A finding comes with the answer, and is stored by then, with the alert that counts it")
    func findingWithAnswer() async throws {
        try await withRecorder { recorder, store, _ in
            let life = Life()
            life.begin(on: recorder)
            let cold = try await life.invoke(on: recorder, events: life.createAtImport() + life.close(in: 0))
            let warm = try await life.invoke(on: recorder, events: life.use(in: 1))
            #expect(cold.map(\.rule).contains("module-scope-loop"))
            #expect(warm.map(\.rule) == ["closed-loop-reuse"])
            #expect(warm.first?.related.map(\.role.rawValue).contains("closed") == true)
            let stored = try await store.findings(matching: HistoryFilter())
            #expect(Set(stored.map(\.finding)) == Set(cold + warm))
            let alerts = try await store.alerts(matching: HistoryFilter(), states: [.open])
            #expect(alerts.count == Set((cold + warm).map(\.fingerprint)).count)
        }
    }

    @Test("Judging the stored history again finds what was found live")
    func replay() async throws {
        try await withRecorder { recorder, store, _ in
            let life = Life()
            life.begin(on: recorder)
            var live: [Finding] = []
            live += try await life.invoke(on: recorder, events: life.createAtImport() + life.close(in: 0))
            live += try await life.invoke(on: recorder, events: life.use(in: 1))
            live += try await life.invoke(on: recorder, events: life.use(in: 2))
            var again: [Finding] = []
            let rules = RuleBook()
            let summary = try store.replay { environment in
                again = try rules.findings(replaying: environment)
                return again
            }
            #expect(again == live)
            #expect(summary.findingsKept == live.count)
            #expect(summary.findingsAdded == 0)
        }
    }

    @Test("While the store refuses, invocations are answered with the reason; what was refused is stored later")
    func refusal() async throws {
        try await withRecorder(busyTimeout: .milliseconds(1)) { recorder, store, path in
            let life = Life()
            life.begin(on: recorder)
            _ = try await life.invoke(on: recorder, events: [])
            try await whileLocked(path) {
                await #expect(throws: StoreFailure.busy) { try await life.invoke(on: recorder, events: []) }
                #expect(recorder.failure != nil && recorder.trouble == nil)
                #expect(recorder.backlog > 0)
            }
            _ = try await life.invoke(on: recorder, events: [])
            #expect(recorder.failure == nil)
            #expect(recorder.backlog == 0)
            #expect(try await store.invocations(matching: HistoryFilter()).count == 3)
        }
    }

    @Test("What a store refuses is bounded in bytes too: beyond it there is trouble, until it is stored")
    func heavyBacklog() async throws {
        try await withRecorder(busyTimeout: .milliseconds(1)) { recorder, store, path in
            let life = Life()
            life.begin(on: recorder)
            let printed = String(repeating: "x", count: Recorder.backlogWeightLimit / 4)
            try await whileLocked(path) {
                for count in 1...4 {
                    await #expect(throws: StoreFailure.busy) {
                        try await life.invoke(on: recorder, events: [], printing: printed)
                    }
                    #expect((recorder.trouble != nil) == (count == 4))
                }
                #expect(recorder.backlog < 100)
            }
            await recorder.flush()
            _ = try await life.invoke(on: recorder, events: [])
            #expect(recorder.trouble == nil && recorder.backlog == 0)
            #expect(try await store.invocations(matching: HistoryFilter()).count == 5)
        }
    }

    /// Runs `body` while another program holds the file's lock, as `sqlite3` in a transaction does.
    private func whileLocked(_ path: String, _ body: () async throws -> Void) async throws {
        let other = Process()
        other.executableURL = URL(filePath: "/usr/bin/env")
        other.arguments = ["python3", "-c", Self.locker, path]
        let (input, output) = (Pipe(), Pipe())
        other.standardInput = input
        other.standardOutput = output
        try other.run()
        _ = output.fileHandleForReading.availableData
        try await body()
        try input.fileHandleForWriting.close()
        other.waitUntilExit()
    }

    private static let locker = """
        import sqlite3, sys
        connection = sqlite3.connect(sys.argv[1], isolation_level=None)
        connection.execute("BEGIN EXCLUSIVE")
        print("locked", flush=True)
        sys.stdin.read()
        """

    @Test("That an invocation has begun is stored when it lasts, and when somebody waits for all that is known")
    func begins() async throws {
        try await withRecorder { recorder, store, _ in
            let life = Life()
            life.begin(on: recorder)
            _ = try await life.invoke(on: recorder, events: [])
            recorder.invocationStarted(life.beginning())
            await recorder.flush()
            let outcomes: [Outcome?] = try await store.invocations(matching: HistoryFilter()).map(\.outcome)
            #expect(outcomes == [nil, .ok])
            let lasting = life.beginning()
            recorder.invocationStarted(lasting)
            // Nothing else happens.
            for _ in 0..<1000 {
                if try await store.invocation(withID: lasting.id.rawValue) != nil { break }
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(try await store.invocation(withID: lasting.id.rawValue)?.invocation == lasting)
            _ = try await life.invoke(on: recorder, events: [], having: lasting.id)
            #expect(try await store.invocation(withID: lasting.id.rawValue)?.invocation.outcome == .ok)
            #expect(try await store.invocations(matching: HistoryFilter()).count == 3)
        }
    }

    @Test("A change that can never be stored is dropped alone; the others of its group are kept")
    func poison() async throws {
        try await withRecorder { recorder, store, _ in
            let life = Life()
            life.begin(on: recorder)
            let stranger = Life()
            async let lost = stranger.invoke(on: recorder, events: [])
            async let kept = life.invoke(on: recorder, events: [])
            do {
                _ = try await lost
                Issue.record("what the store can never take was called stored")
            } catch {
                #expect(error is StoreFailure)
            }
            _ = try await kept
            #expect(try await store.invocations(matching: HistoryFilter()).count == 1)
        }
    }

    @Test("After the end nothing is taken, and whoever asks is told")
    func closed() async throws {
        try await withRecorder { recorder, _, _ in
            let life = Life()
            life.begin(on: recorder)
            recorder.close()
            await #expect(throws: RecorderFailure.self) { try await life.invoke(on: recorder, events: []) }
        }
    }
}

/// One environment whose life a test makes up.
private final class Life: @unchecked Sendable {
    // Safety: each test uses its lives from one task at a time.
    let environment = EnvironmentRecord(
        id: .random(),
        function: FunctionName(sanitizing: "made-up"),
        host: .bare,
        loop: .asyncio,
        start: .spawn,
        cause: .first,
        startedAt: .now
    )
    private var ordinal = 0
    private var sequence: Int64 = 0
    private let loop = LoopSerial(rawValue: 1)

    func begin(on recorder: Recorder) {
        let folder = "/plugins/made-up"
        let function = FunctionConfiguration(
            name: environment.function,
            root: folder,
            source: "\(folder)/plugin.yaml",
            handler: "handler.handler"
        )
        recorder.functionChanged(function)
        recorder.environmentStarted(environment)
        recorder.environmentReady(environment, events: [], initialization: .milliseconds(40))
    }

    /// The next invocation, as it is told before it has ended.
    func beginning(_ id: InvocationID = .random()) -> InvocationRecord {
        var record = InvocationRecord(id: id, function: environment.function, requestedAt: .now)
        record.environment = environment.id
        record.ordinal = ordinal
        record.isCold = ordinal == 0
        ordinal += 1
        return record
    }

    func invoke(
        on recorder: Recorder,
        events: [LoopEvent],
        printing text: String = "",
        having id: InvocationID = .random()
    ) async throws -> [Finding] {
        var record = beginning(id)
        record.outcome = .ok
        record.logTail = text
        let ended = EndedInvocation(record: record, events: events)
        return try await withCheckedThrowingContinuation { continuation in
            recorder.invocationEnded(ended) { continuation.resume(with: $0) }
        }
    }

    func createAtImport() -> [LoopEvent] {
        [event(.created, phase: .initialization, ordinal: nil, line: 3, function: "<module>", value: 3)]
    }

    func close(in ordinal: Int) -> [LoopEvent] {
        [
            event(.runBegun, ordinal: ordinal, line: 9), event(.runEnded, ordinal: ordinal, line: 9),
            event(.closed, ordinal: ordinal, line: 11),
        ]
    }

    func use(in ordinal: Int) -> [LoopEvent] {
        [event(.usedAfterClose, ordinal: ordinal, line: 9, detail: "run_until_complete")]
    }

    private func event(
        _ kind: LoopEvent.Kind,
        phase: Phase = .invocation,
        ordinal: Int?,
        line: Int,
        function: String = "handler",
        detail: String? = nil,
        value: Int64 = 0
    ) -> LoopEvent {
        defer { sequence += 1 }
        return LoopEvent(
            sequence: sequence,
            at: Instant(nanoseconds: 1000 + sequence),
            kind: kind,
            phase: phase,
            ordinal: ordinal,
            loop: loop,
            site: CodeSite(line: CodeLine(file: "handler.py", line: line, function: function), isUserCode: true),
            detail: detail,
            value: value
        )
    }
}
