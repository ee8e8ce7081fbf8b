import LoopModel
import Testing

@Suite("A check's verdict")
struct CheckReportTests {
    private func run(_ outcomes: Outcome..., rules: Severity..., obstacle: String? = nil) -> CheckRun {
        let name = FunctionName(sanitizing: "orders")
        var run = CheckRun(function: name, host: .bare, python: "3.11.7", loop: .asyncio, schedule: "cold, warm")
        run.obstacle = obstacle
        run.invocations = outcomes.enumerated().map { ordinal, outcome in
            var record = InvocationRecord(id: .random(), function: name, requestedAt: WallTime(nanoseconds: 0))
            (record.outcome, record.ordinal, record.isCold) = (outcome, ordinal, ordinal == 0)
            return record
        }
        run.findings = rules.enumerated().map { index, severity in
            Finding(
                rule: "rule-\(index)",
                code: "LW20\(index)",
                severity: severity,
                function: name,
                environment: EnvironmentID(rawValue: "0f1e2d3c4b5a69788796a5b4c3d2e1f0"),
                invocation: nil,
                ordinal: index,
                site: CodeLine(file: "handler.py", line: index + 1, function: "handler"),
                related: [],
                message: "It is so.",
                advice: "Change it."
            )
        }
        return run
    }

    @Test("is clean where all went well, and says nothing of what was not run")
    func clean() {
        #expect(CheckReport(runs: [run(.ok, .ok), run(obstacle: "no uvloop")]).verdict == .clean)
    }

    @Test("counts findings from the threshold on")
    func threshold() {
        let runs = [run(.ok, .ok, rules: .info)]
        #expect(CheckReport(runs: runs).verdict == .clean)
        #expect(CheckReport(runs: runs, threshold: .info).verdict == .findings)
        #expect(CheckReport(runs: [run(.ok, rules: .warning)], threshold: .error).verdict == .clean)
    }

    @Test("is bad where only a warm invocation fails, whether a rule knows why or not")
    func warmFailure() {
        let broken = run(.ok, .ok, .error)
        #expect(CheckReport(runs: [run(.ok), broken]).verdict == .findings)
        #expect(broken.failure?.ordinal == 2)
    }

    @Test("certifies nothing where every life fails cold, or none could be led")
    func cold() {
        #expect(CheckReport(runs: [run(.error), run(.crashed, .error)]).verdict == .failsCold)
        #expect(CheckReport(runs: [run(.error), run(.ok)]).verdict == .findings)
        #expect(CheckReport(runs: [run(obstacle: "no CPython 3.7")]).verdict == .error)
        #expect(CheckReport(runs: []).verdict == .error)
    }

    @Test("tells each finding once, the most severe first")
    func merging() {
        let report = CheckReport(runs: [run(.ok, rules: .info, .error), run(.ok, rules: .info, .error, .warning)])
        #expect(report.findings.map(\.severity) == [.error, .warning, .info])
        #expect(report.json["findings"]?.elements?.count == 3)
        #expect(report.json["runs"]?.elements?.map { $0["findings"]?.elements?.count } == [2, 3])
    }
}
