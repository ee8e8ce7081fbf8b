import LoopModel
import LoopReports
import Testing

@Suite("A check of a suite of tests") struct SuiteDocumentTests {
    private static let name = FunctionName(sanitizing: "tests")

    private func record(_ outcome: Outcome, _ error: String? = nil) -> InvocationRecord {
        var record = InvocationRecord(id: .random(), function: Self.name, requestedAt: WallTime(nanoseconds: 0))
        record.outcome = outcome
        (record.errorType, record.errorMessage) = (error.map { _ in "RuntimeError" }, error)
        record.stackTrace = error.map { "t.py:9: in test_b\nE  RuntimeError: \($0)" }
        return record
    }

    private func run() -> CheckRun {
        var run = CheckRun(function: Self.name, host: .pytest, python: "3.11.7", loop: .asyncio, schedule: "session")
        run.invocations = [record(.ok), record(.error, "Event loop is closed"), record(.ok)]
        run.session = TestSession(
            tests: [
                .init("t.py::test_a", .passed),
                .init("t.py::test_b", .failed, reason: "RuntimeError: Event loop is closed"),
                .init("t.py::test_c", .skipped, reason: "later"), .init("t.py::test_d"),
            ],
            notes: ["pytest-xdist is off: all tests run in one process."],
            dependences: [
                TestDependence(
                    test: "t.py::test_b",
                    after: "t.py::test_a",
                    what: "RuntimeError: Event loop is closed",
                    command: "pytest t.py::test_a t.py::test_b"
                )
            ]
        )
        return run
    }

    private func text(_ runs: CheckRun...) -> String {
        CheckReport(runs: runs).document.rendered(as: .table(width: 0, colour: false), for: Reader())
    }

    @Test("A row has a session's counts; a failing test is named with what it depends on") func told() {
        let text = text(run())
        #expect(text.contains("3.11.7  asyncio      4       1       1        1         0  fail    1 not run"))
        #expect(text.contains("pytest-xdist is off"))
        #expect(text.contains("t.py::test_b fails on Python 3.11.7: RuntimeError: Event loop is closed"))
        #expect(text.contains("only after  t.py::test_a\n  replay      pytest t.py::test_a t.py::test_b"))
        #expect(text.contains("E  RuntimeError: Event loop is closed"))
        #expect(text.contains("1 failing test in 3 tests."))
    }

    @Test("What cannot be collected fails cold, and says why") func uncollected() {
        var broken = run()
        broken.invocations = [record(.error, "pytest cannot collect a test module")]
        broken.session = TestSession(tests: [])
        let report = CheckReport(runs: [broken])
        #expect(report.verdict == .failsCold)
        #expect(text(broken).contains("The tests cannot be collected"))
    }

    @Test("A failing first test is no cold failure") func firstTest() {
        var first = run()
        first.invocations = [record(.error, "boom")]
        first.session = TestSession(tests: [.init("t.py::test_a", .failed, reason: "boom")])
        #expect(CheckReport(runs: [first]).verdict == .findings)
    }

    @Test("JSON names the test of each invocation, and counts") func json() throws {
        let json = CheckReport(runs: [run()]).json
        let first = try #require(json["runs"]?.elements?.first)
        #expect(
            first["invocations"]?.elements?.map { $0["test"]?.stringValue } == [
                "t.py::test_a", "t.py::test_b", "t.py::test_c",
            ]
        )
        #expect(first["invocations"]?.elements?[2]["result"]?.stringValue == "skipped")
        #expect(first["tests"]?["notRun"]?.intValue == 1)
        #expect(first["tests"]?["dependences"]?.elements?.first?["after"]?.stringValue == "t.py::test_a")
    }

    @Test("JUnit has a case for each test") func junit() {
        let text = JUnitDocument(CheckReport(runs: [run()])).text
        #expect(text.contains("tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\""))
        #expect(
            text.contains(
                "<testcase classname=\"t.py\" name=\"test_c\" time=\"0.000\">\n      <skipped message=\"later\"/>"
            )
        )
        #expect(text.contains("<failure type=\"RuntimeError\" message=\"RuntimeError: Event loop is closed\">"))
    }
}
