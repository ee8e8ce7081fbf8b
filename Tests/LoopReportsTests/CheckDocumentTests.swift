import LoopModel
import LoopReports
import Testing

@Suite("A check's document")
struct CheckDocumentTests {
    private static let orders = FunctionName(sanitizing: "orders")

    /// A life of one of the named schedules, in which all went well.
    private func run(
        _ schedule: CheckSchedule,
        host: HostProfile = .bare,
        python: String = "3.11.7",
        loop: LoopImplementation = .asyncio
    ) -> CheckRun {
        var run = CheckRun(function: Self.orders, host: host, python: python, loop: loop, schedule: schedule.name)
        for step in schedule.steps {
            let before = run.invocations.count
            if step.isInvocation { run.invocations.append(invocation(.ok, before)) }
            let wasApplied = step.fault == nil ? nil : true
            run.steps.append(.init(step, invocations: before..<run.invocations.count, wasApplied: wasApplied))
        }
        return run
    }

    private func invocation(_ outcome: Outcome, _ ordinal: Int, error: (String, String)? = nil) -> InvocationRecord {
        var record = InvocationRecord(id: .random(), function: Self.orders, requestedAt: WallTime(nanoseconds: 0))
        (record.outcome, record.ordinal, record.isCold) = (outcome, ordinal, ordinal == 0)
        (record.errorType, record.errorMessage) = (error?.0, error?.1)
        if error != nil { record.stackTrace = "  File \"/src/orders.py\", line 9, in handler\n    use(client)" }
        return record
    }

    private func finding(_ rule: String, _ severity: Severity, line: Int) -> Finding {
        var finding = Finding(
            rule: rule,
            code: "LW201",
            severity: severity,
            function: Self.orders,
            environment: EnvironmentID(rawValue: "0f1e2d3c4b5a69788796a5b4c3d2e1f0"),
            invocation: nil,
            ordinal: 1,
            site: CodeLine(file: "orders.py", line: line, function: "handler"),
            related: [],
            message: "It is so.",
            advice: "Change it."
        )
        finding.reproduction = reproduction("warm", "cold, warm")
        return finding
    }

    private func reproduction(
        _ schedule: String,
        _ steps: String,
        _ certainty: Reproduction.Certainty = .shortest
    ) -> Reproduction? {
        (try? CheckSchedule(steps: steps)).map {
            Reproduction(
                schedule: schedule,
                steps: $0.steps,
                certainty: certainty,
                command: "loopwarden check orders.py --schedule \"\(steps)\""
            )
        }
    }

    private func text(_ report: CheckReport, width: Int = 0) -> String {
        report.document.rendered(as: .table(width: width, colour: false), for: Reader())
    }

    private var clean: [CheckRun] { CheckSchedule.named().map { run($0) } }

    @Test("of a clean handler has a row, what was not run, and a line")
    func allClean() throws {
        var runs = clean
        for index in 1...2 {
            runs[index] = run(CheckSchedule(name: runs[index].schedule, steps: []))
            runs[index].obstacle = "it never waits"
        }
        #expect(
            text(CheckReport(runs: runs)) == """
                Host  Python  Loop     Schedules  Result
                bare  3.11.7  asyncio  6 of 8     pass

                Not run: after-exception, after-cancellation: it never waits.

                Clean: nothing found in 6 lives, 16 invocations.

                """
        )
        #expect(text(CheckReport(runs: clean)).contains("asyncio  all 8      pass\n"))
        #expect(text(CheckReport(runs: [clean[0]])).contains("asyncio  warm       pass\n"))
    }

    @Test("of one that fails after an exception tells which step, how it is seen again, and how sure that is")
    func afterException() throws {
        var runs = clean
        runs[1].invocations[2] = invocation(.error, 2, error: ("RuntimeError", "the client is closed"))
        runs[1].reproduction = reproduction("after-exception", "cold, exception@1, warm")
        runs[3].invocations[1] = invocation(.timeout, 1, error: ("Sandbox.Timedout", "Task timed out"))
        runs[7].shutdownFailure = invocation(.crashed, 2, error: ("RuntimeError", "Event loop is closed"))
        runs[7].reproduction = reproduction("shutdown", "cold, shutdown", .unsteady(shown: 2, of: 5))
        try GoldenFile(name: "check.schedules.txt").expect(text(CheckReport(runs: runs)))
        try GoldenFile(name: "check.schedules.narrow.txt").expect(text(CheckReport(runs: runs), width: 72))
    }

    @Test("tells once what every life shows, and of the others only what is new")
    func repeated() throws {
        var runs = clean
        for index in runs.indices {
            runs[index].findings = [finding("closed-loop-reuse", .error, line: 9)]
            if index == 2 { runs[index].findings.append(finding("leaked-loop", .error, line: 4)) }
        }
        runs[0].invocations[1] = invocation(.error, 1, error: ("RuntimeError", "Event loop is closed"))
        try GoldenFile(name: "check.repeated.txt").expect(text(CheckReport(runs: runs)))
    }

    @Test("of six Pythons, two loops and three hosts is a row for each, and more only for what fails")
    func matrix() throws {
        var runs: [CheckRun] = []
        for host in [HostProfile.bare, .perInvocation, .running] {
            for python in ["3.8.18", "3.9.18", "3.10.13", "3.11.7", "3.12.1", "3.13.0"] {
                for loop in LoopImplementation.allCases {
                    for schedule in CheckSchedule.named() {
                        var run = run(schedule, host: host, python: python, loop: loop)
                        if python == "3.12.1", loop == .uvloop { run.obstacle = "this Python has no uvloop" }
                        if loop == .uvloop, schedule.name == "after-idle" {
                            run.obstacle = "uvloop's clock cannot be put forward"
                        }
                        if host == .running, python == "3.8.18", ["warm", "after-freeze"].contains(schedule.name) {
                            run.invocations[1] = invocation(.error, 1, error: ("KeyError", "'id'"))
                        }
                        runs.append(run)
                    }
                }
            }
        }
        try GoldenFile(name: "check.matrix.txt").expect(text(CheckReport(runs: runs)))
    }

    @Test("of one that fails cold has the traceback, and no advice to see that again")
    func cold() throws {
        var runs = clean
        for index in runs.indices.dropFirst() { runs[index].obstacle = "it fails cold" }
        runs[0].invocations = [invocation(.error, 0, error: ("KeyError", "'id'"))]
        runs[0].reproduction = reproduction("warm", "cold")
        let text = text(CheckReport(runs: runs))
        #expect(text.contains("asyncio  warm       fail    cold: KeyError: 'id'\n"))
        #expect(text.contains("File \"/src/orders.py\", line 9, in handler"))
        #expect(!text.contains("replay"))
    }
}
