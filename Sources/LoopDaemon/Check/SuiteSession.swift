import LoopModel
import LoopRules
import LoopRunner
import NIOCore

/// One session of pytest, led from test to test.
struct SuiteSession: Sendable {
    /// The collection, which is the environment's first invocation.
    private(set) var collection: InvocationRecord
    private(set) var tests: [TestSession.Test] = []
    /// Of each test that was begun, in their order.
    private(set) var records: [InvocationRecord] = []
    private(set) var notes: [String] = []
    /// Those that matter, in the order of time.
    private(set) var findings: [Finding] = []

    /// Leads a session to its end.
    ///
    /// - Parameters:
    ///   - suite: which; as a function under a name of its own.
    ///   - runner: where.
    ///   - progress: called with how many of how many tests are over.
    /// - Throws: when the runner takes no invocation, or the findings cannot be read.
    init(
        of suite: FunctionConfiguration,
        on runner: EmbeddedRunner,
        progress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) async throws {
        await runner.add(suite)
        let answer = try await runner.invoke(suite.name, event: Self.event, isCold: true)
        collection = answer.record
        if collection.outcome == .ok, let value = Self.value(of: answer) {
            tests = (value["tests"]?.elements ?? []).compactMap(\.stringValue).map { TestSession.Test($0) }
            notes = (value["notes"]?.elements ?? []).compactMap(\.stringValue)
            let broken = value["broken"]?.elements?.count ?? 0
            if broken > 0 { notes.append("\(broken) of the test modules could not be collected.") }
            try await run(suite, on: runner, progress: progress)
        }
        let found = try await runner.remove(suite.name).findings
        findings = SuiteJudgement(tests).judge(found).map { finding in
            var finding = finding
            finding.invocation = finding.ordinal.flatMap { records.indices.contains($0) ? records[$0].id : nil }
            return finding
        }
    }

    private static let event = Array("{}".utf8)

    private mutating func run(
        _ suite: FunctionConfiguration,
        on runner: EmbeddedRunner,
        progress: (_ done: Int, _ of: Int) -> Void
    ) async throws {
        progress(0, tests.count)
        for index in tests.indices {
            let answer = try await runner.invoke(suite.name, event: Self.event, isCold: false)
            var record = answer.record
            let value = Self.value(of: answer)
            // It is over before its end: -x, or somebody has asked for it.
            if value?["status"] != nil { return }
            record.isCold = index == 0
            switch record.outcome {
            case .ok:
                tests[index].result = value?["outcome"]?.stringValue.flatMap(TestSession.Result.init) ?? .passed
                tests[index].reason = value?["reason"]?.stringValue ?? ""
            case .error: tests[index].result = .failed
            case .timeout:
                tests[index].result = .failed
                record.errorType = "Timeout"
                record.errorMessage =
                    "not done in time (\(suite.timeout)), and ended with its session"
            default:
                tests[index].result = .failed
                record.errorType = "Crash"
                let end = record.errorMessage?.split(separator: ": ").suffix(1).joined() ?? "gone"
                record.errorMessage = "the process ended (\(end)), and the session with it"
            }
            if tests[index].result == .failed {
                let parts = [record.errorType, record.errorMessage].compactMap(\.self)
                tests[index].reason = parts.filter { !$0.isEmpty }.joined(separator: ": ")
            }
            records.append(record)
            if record.outcome != .ok, record.outcome != .error { return }
            progress(index + 1, tests.count)
        }
        // The end of the session, which looks at what is left.
        _ = try await runner.invoke(suite.name, event: Self.event, isCold: false)
    }

    private static func value(of answer: InvocationAnswer) -> JSON? {
        try? JSONReader.value(of: Array(answer.payload.readableBytesView))
    }
}
