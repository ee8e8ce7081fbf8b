import LoopModel
import Testing

@Suite("What a simulation counts") struct SimulationReportTests {
    @Test("Percentiles are measured values, by the nearest rank")
    func percentiles() throws {
        #expect(Percentiles(of: []) == nil)
        let one = try #require(Percentiles(of: [.seconds(3)]))
        #expect([one.p50, one.p90, one.p99, one.longest] == Array(repeating: .seconds(3), count: 4))
        let hundred = try #require(Percentiles(of: (1...100).reversed().map { .seconds($0) }))
        #expect([hundred.p50, hundred.p90, hundred.p99, hundred.longest] == [50, 90, 99, 100].map { .seconds($0) })
        let ten = try #require(Percentiles(of: (1...10).map { .seconds($0) }))
        #expect([ten.p50, ten.p90, ten.p99] == [5, 9, 10].map { .seconds($0) })
    }

    @Test("Steps have a peak, a mean over time, and the most of each stretch")
    func steps() {
        var series = StepSeries()
        #expect(series.mean(until: .seconds(10)) == 0)
        series.change(by: 1, at: .seconds(0))
        series.change(by: 2, at: .seconds(2))
        series.change(by: -3, at: .seconds(4))
        series.change(by: 1, at: .seconds(8))
        #expect(series.peak == 3)
        #expect(series.level == 1)
        #expect(series.mean(until: .seconds(10)) == (2 + 6 + 2) / 10)
        #expect(series.peaks(in: 5, until: .seconds(10)) == [1, 3, 0, 0, 1])
    }

    @Test("What goes up and down within a stretch is seen in it")
    func short() {
        var series = StepSeries()
        series.change(by: 1, at: .milliseconds(1200))
        series.change(by: -1, at: .milliseconds(1300))
        #expect(series.peaks(in: 4, until: .seconds(4)) == [0, 1, 0, 0])
        #expect(series.peaks(in: 0, until: .seconds(4)) == [])
        #expect(series.peaks(in: 4, until: .zero) == [])
    }

    private func record(_ outcome: Outcome, cold cause: ColdStartCause? = nil) -> InvocationRecord {
        var record = InvocationRecord(
            id: .random(),
            function: FunctionName(sanitizing: "f"),
            requestedAt: WallTime(nanoseconds: 0)
        )
        record.outcome = outcome
        (record.isCold, record.cause) = (cause != nil, cause)
        (record.queued, record.duration) = (.milliseconds(1), .milliseconds(10))
        record.initialization = cause == nil ? nil : .milliseconds(100)
        record.errorType = outcome == .error ? "KeyError" : nil
        return record
    }

    private func report(_ records: [InvocationRecord], _ findings: [Finding] = []) -> SimulationReport {
        var tally = FunctionTally(function: FunctionName(sanitizing: "f"))
        for record in records { tally.take(record) }
        return SimulationReport(
            run: RunName(stored: "r"),
            scenario: "s.yaml",
            seed: 0,
            planned: .seconds(1),
            simulated: .seconds(1),
            took: .seconds(1),
            isInterrupted: false,
            functions: [tally],
            findings: findings,
            loopsLeaked: 0
        )
    }

    @Test("Latency is waiting, loading and the handler's time; what was turned away has none")
    func latencies() {
        let tally = report([record(.ok, cold: .first), record(.ok), record(.rejected)]).functions[0]
        #expect(tally.latencies == [.milliseconds(111), .milliseconds(11)])
        #expect((tally.invocations, tally.ran, tally.rejected, tally.cold, tally.failed) == (3, 2, 1, 1, 0))
        #expect(tally.coldByCause == [.first: 1])
    }

    @Test("What was loaded ahead is not cold, and nobody waited for it")
    func ahead() {
        let tally = report([record(.ok, cold: .provisioned)]).functions[0]
        #expect(tally.cold == 0)
        #expect(tally.latencies == [.milliseconds(11)])
    }

    @Test("Clean, found, failing: the verdict")
    func verdicts() {
        #expect(report([record(.ok, cold: .first), record(.ok), record(.rejected)]).verdict == .clean)
        #expect(report([record(.ok, cold: .first), record(.error)]).verdict == .findings)
        #expect(report([record(.error, cold: .first), record(.ok, cold: .requested)]).verdict == .findings)
        #expect(report([record(.error, cold: .first), record(.ok)]).verdict == .failsCold)
        #expect(report([record(.ok, cold: .first), record(.killed)]).verdict == .clean)
        #expect(report([]).verdict == .clean)
    }
}
