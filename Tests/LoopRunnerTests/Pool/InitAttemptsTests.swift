import LoopModel
import Testing

@testable import LoopRunner

@Suite("Attempts to load a handler") struct InitAttemptsTests {
    @Test("that were as usual are not told of")
    func usual() {
        var attempts = InitAttempts(areRepeated: true)
        attempts.note(.success, took: .milliseconds(60))
        #expect(attempts.takeReports() == [] && attempts.total == .milliseconds(60))
    }

    @Test("go on inside the invocation, and all are told of once")
    func repeated() {
        var attempts = InitAttempts(areRepeated: true)
        #expect(attempts.phase == .initialization)
        attempts.note(.timeout, took: .seconds(10))
        attempts.repeatInside()
        attempts.note(.success, took: .seconds(1))
        #expect(
            attempts.takeReports() == [
                InitReport(phase: .initialization, status: .timeout, duration: .seconds(10)),
                InitReport(phase: .invocation, status: .success, duration: .seconds(1)),
            ]
        )
        #expect(attempts.takeReports() == [] && attempts.total == .seconds(11))
    }

    @Test("begin inside the invocation after a reset, where they are repeated at all")
    func reset() {
        #expect(InitAttempts(areRepeated: true, isReset: true).phase == .invocation)
        #expect(InitAttempts(areRepeated: false, isReset: true).phase == .initialization)
    }

    @Test("that crash have ever longer pauses between them, and not all are kept")
    func crashes() {
        var attempts = InitAttempts(areRepeated: true)
        let pauses = (0..<8).map { _ in attempts.pauseAfterCrash() }
        #expect(pauses.first == .milliseconds(50) && pauses.last == .seconds(1))
        #expect(zip(pauses, pauses.dropFirst()).allSatisfy { $0 <= $1 })
        for number in 0..<100 { attempts.note(.error, took: .milliseconds(number), errorType: "Runtime.ExitError") }
        let reports = attempts.takeReports()
        #expect(reports.count == 20)
        #expect((reports.first?.duration, reports.last?.duration) == (.zero, .milliseconds(99)))
        #expect(attempts.total == .milliseconds(4950))
    }
}

@Suite("An init report") struct InitReportTests {
    @Test(
        "is the same after it was written and read",
        arguments: [
            InitReport(phase: .initialization, status: .timeout, duration: .seconds(10)),
            InitReport(phase: .invocation, status: .error, duration: .nanoseconds(1), errorType: "Runtime.ExitError"),
        ]
    )
    func coding(_ report: InitReport) throws {
        #expect(InitReport(json: try JSONReader.value(of: Array(report.json.text.utf8))) == report)
        #expect(InitReport(json: ["phase": "init"]) == nil)
    }
}
