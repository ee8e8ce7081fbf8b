import LoopModel
import LoopReports
import Testing

@Suite("The report of a simulation") struct SimulationDocumentTests {
    private static let name = FunctionName(sanitizing: "orders")

    private func record(_ number: Int, _ outcome: Outcome = .ok, cold cause: ColdStartCause? = nil) -> InvocationRecord
    {
        var record = InvocationRecord(id: .random(), function: Self.name, requestedAt: WallTime(nanoseconds: 0))
        record.outcome = outcome
        (record.isCold, record.cause) = (cause != nil, cause)
        (record.queued, record.duration) = (.microseconds(20 + number), .milliseconds(3 + number % 7))
        record.initialization = cause == nil ? nil : .milliseconds(60 + number)
        if outcome == .error { (record.errorType, record.errorMessage) = ("KeyError", "'id'") }
        return record
    }

    private func finding(_ rule: String, _ severity: Severity, line: Int) -> Finding {
        Finding(
            rule: rule,
            code: "LW202",
            severity: severity,
            function: Self.name,
            environment: EnvironmentID(rawValue: "e"),
            invocation: nil,
            ordinal: 1,
            site: CodeLine(file: "orders.py", line: line, function: "handler"),
            related: [],
            message: "Loops are left open.",
            advice: "Close them."
        )
    }

    private var report: SimulationReport {
        var orders = FunctionTally(function: Self.name)
        for minute in [0, 10, 11] { orders.environmentStarted(at: .seconds(60 * minute)) }
        for minute in [5, 20] { orders.environmentEnded(at: .seconds(60 * minute)) }
        orders.take(record(0, cold: .first))
        for number in 1...18 { orders.take(record(number)) }
        orders.take(record(19, cold: .idleReaped))
        orders.take(record(20, cold: .scaleOut))
        for number in 21...23 { orders.take(record(number, .error)) }
        orders.take(record(24, .rejected))
        orders.note(peakMemory: 25 << 20)
        var report = SimulationReport(
            run: RunName(stored: "monday"),
            scenario: "shop.yaml",
            seed: .max,
            planned: .seconds(3600),
            simulated: .seconds(1800),
            took: .milliseconds(2345),
            isInterrupted: true,
            functions: [orders, FunctionTally(function: FunctionName(sanitizing: "idle"))],
            findings: [
                finding("pending-task", .warning, line: 3), finding("leaked-loop", .error, line: 9),
                finding("leaked-loop", .error, line: 9),
            ],
            loopsLeaked: 4
        )
        report.omissions = ["day.csv: 1 of 3 rows are no function's"]
        report.keptIn = "loopwarden history --run monday"
        return report
    }

    @Test("is what it was, for people, programs and browsers") func golden() throws {
        try GoldenFile(name: "simulation.wide.txt")
            .expect(report.document.rendered(as: .table(width: 120, colour: false), for: Reader()))
        try GoldenFile(name: "simulation.json").expect(report.document.rendered(as: .json, for: Reader()))
        try GoldenFile(name: "simulation.html").expect(report.document.rendered(as: .html, for: Reader()))
    }

    @Test("fits a narrow terminal") func narrow() {
        let text = report.document.rendered(as: .table(width: 70, colour: false), for: Reader())
        // The sentences at the end are the terminal's to break.
        let tables = text.split(separator: "\n").prefix { !$0.hasPrefix("Interrupted") }
        #expect(tables.count > 30 && tables.allSatisfy { $0.count <= 70 }, "\(text)")
    }

    @Test("of nothing has no rows and says so") func nothing() {
        var report = report
        (report.functions, report.findings, report.isInterrupted) = ([], [], false)
        let text = report.document.rendered(as: .table(width: 0, colour: false), for: Reader())
        #expect(text.contains("Nothing ran."))
        #expect(text.contains("Clean: nothing found in 0 invocations, 0 environments."))
    }
}
