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

@Suite("A life of a check")
struct CheckRunTests {
    private func run(_ text: String, applied: [Bool?], traces: [String?] = []) throws -> CheckRun {
        let name = FunctionName(sanitizing: "orders")
        var run = CheckRun(function: name, host: .bare, python: "3.11.7", loop: .asyncio, schedule: text)
        for (number, step) in try CheckSchedule(steps: text).steps.enumerated() {
            var record = InvocationRecord(id: .random(), function: name, requestedAt: WallTime(nanoseconds: 0))
            record.outcome = number < traces.count && traces[number] != nil ? .error : .ok
            record.stackTrace = number < traces.count ? traces[number] : nil
            (record.errorType, record.errorMessage) = ("KeyError", "RequestId: 1-2-3 Error: no 12 in 0x7f12")
            run.steps.append(.init(step, invocations: number..<(number + 1), wasApplied: applied[number]))
            run.invocations.append(record)
        }
        return run
    }

    private static let trace = """
          File "/src/orders.py", line 19, in handler
            return await client.get("/orders")
          File "/src/lib/pool.py", line 7, in get
            await sleep(1)
          File "/src/.venv/lib/python3.11/site-packages/x.py", line 3, in sleep
          File "/usr/lib/python3.11/asyncio/tasks.py", line 649, in sleep
        """

    @Test("is failed by nothing that was done on purpose, and by everything else")
    func excused() throws {
        let applied = try run("cold, exception@1, warm", applied: [nil, true, nil], traces: [nil, Self.trace, nil])
        #expect(applied.failure == nil)
        let unapplied = try run("cold, exception@1, warm", applied: [nil, false, nil], traces: [nil, Self.trace, nil])
        #expect(unapplied.failure?.ordinal == 1)
        #expect(CheckSchedule.text(of: unapplied.effectiveSteps) == "cold, warm×2")
        let later = try run(
            "cold, exception@1, warm",
            applied: [nil, true, nil],
            traces: [nil, Self.trace, Self.trace]
        )
        #expect(later.failure?.ordinal == 2)
        #expect(later.symptoms(threshold: .warning).map(\.step) == [2])
    }

    @Test("knows where an invocation waited that was made to fail")
    func places() throws {
        let run = try run("cold, exception@1, warm", applied: [nil, true, nil], traces: [nil, Self.trace, nil])
        #expect(run.faultedPlaces(below: "/src") == [1: "lib/pool.py:7"])
        #expect(run.faultedPlaces(below: "/elsewhere") == [:])
    }

    @Test("an error is the same whatever numbers and ids are in it")
    func errors() throws {
        let run = try run("cold", applied: [nil])
        var other = run.invocations[0]
        other.errorMessage = "RequestId: 4-5-6 Error: no 13 in 0x8e00"
        #expect(Symptom(failure: run.invocations[0]) == Symptom(failure: other))
        #expect(other.errorText == "KeyError: no 13 in 0x8e00")
        other.errorMessage = "nothing in there"
        #expect(Symptom(failure: run.invocations[0]) != Symptom(failure: other))
    }
}
