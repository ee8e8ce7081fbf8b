import LoopModel
import LoopRules
import Testing

@Suite("What matters in a suite of tests") struct SuiteJudgementTests {
    private static let tests: [TestSession.Test] = [
        .init("t.py::test_a", .passed), .init("t.py::test_b", .failed), .init("t.py::test_c", .passed),
    ]

    private func finding(
        _ rule: String,
        in ordinal: Int?,
        with related: [Int?] = [],
        as role: RelatedSite.Role = .closed,
        _ message: String = "",
        advice: String = ""
    ) -> Finding {
        let line = CodeLine(file: "t.py", line: 3, function: "test_a")
        return Finding(
            rule: rule,
            code: "LW000",
            severity: .error,
            function: FunctionName(sanitizing: "tests"),
            environment: EnvironmentID(rawValue: "e"),
            invocation: nil,
            ordinal: ordinal,
            site: line,
            related: related.map { RelatedSite(role: role, ordinal: $0, line: line) },
            message: message,
            advice: advice
        )
    }

    private func judged(_ finding: Finding) -> Finding? { SuiteJudgement(Self.tests).judge([finding]).first }

    @Test(
        "What a test leaves behind counts, passed or not",
        arguments: ["leaked-loop", "pending-task", "leaked-thread"]
    )
    func leavings(rule: String) { #expect(judged(finding(rule, in: 1)) != nil) }

    @Test("What a passing test does wrong for itself alone does not count; what explains a failure does")
    func ownFaults() {
        #expect(judged(finding("nested-run", in: 1, with: [1])) == nil)
        #expect(judged(finding("nested-run", in: 1, with: [nil])) == nil)
        #expect(judged(finding("nested-run", in: 2, with: [2])) != nil)
        #expect(judged(finding("closed-loop-reuse", in: 3, with: [1, 3])) != nil)
        #expect(judged(finding("blocking-call", in: 2)) == nil)
    }

    @Test("Tests are counted from 0 and named; the collection and the end have names of their own")
    func names() throws {
        let found = try #require(judged(finding("closed-loop-reuse", in: 2, with: [nil, 0, 1, 4])))
        #expect(found.ordinal == 1)
        #expect(found.test == "t.py::test_b")
        #expect(found.related.map(\.ordinal) == [nil, nil, 0, 3])
        #expect(
            found.related.map(\.test) == [
                "while the tests were collected", "the collection", "t.py::test_a", "the end of the session",
            ]
        )
    }

    @Test("What is left is the business of the test that made it")
    func makers() throws {
        let found = try #require(judged(finding("leaked-loop", in: 4, with: [1, 3], as: .created)))
        #expect(found.test == "t.py::test_c")
        #expect(found.ordinal == 2)
    }

    /// As the rules tell them, and as they are told of tests.
    static let stories: [(told: String, retold: String)] = [
        ("Invocation 2 used it in invocation 1.", "t.py::test_b used it in t.py::test_a."),
        ("It ran in invocation 0 (cold).", "It ran while the tests were collected."),
        ("It was lost in invocation 4.", "It was lost at the end of the session."),
        ("It was made after invocation 1 had answered.", "It was made after t.py::test_a had ended."),
        ("One in each of the invocations 1 and 3.", "One in each of t.py::test_a and t.py::test_c."),
        ("Left in the invocations 1, 2 and 3.", "Left in t.py::test_a, t.py::test_b and t.py::test_c."),
        ("Left in the invocations 1 to 3.", "Left in t.py::test_a to t.py::test_c."),
        ("Left in invocations from 1 to 3.", "Left in tests from t.py::test_a to t.py::test_c."),
        ("Made by 9 invocations, the latest of them 3.", "Made by 9 tests, the latest of them t.py::test_c."),
        (
            "It leaks. At this rate the process runs out of its 1024 descriptors in invocation 340. The invocation "
                + "succeeded anyway.", "It leaks. The test passed anyway."
        ),
        (
            "Invocation 2 gets the closed loop from get_event_loop(), and will fail with \"Event loop is closed\".",
            "The next test that calls get_event_loop() gets the closed loop, and fails with \"Event loop is closed\"."
        ),
        (
            "Give each invocation a loop of its own with asyncio.run(...), and take out the close at t.py:9. To keep one "
                + "loop for the environment's life, never close it.",
            "Give each test a loop of its own with asyncio.run(...); or call asyncio.set_event_loop(None) beside the "
                + "close at t.py:9."
        ),
        (
            "The host created loop 3 for invocation 1, and the host had closed the loop at the end of invocation 1: it "
                + "gives each invocation a fresh one.",
            "pytest's plugin created loop 3 for t.py::test_a, and pytest's plugin had closed the loop at the end of "
                + "t.py::test_a."
        ),
        (
            "Keep the task and await it before answering. What shall go on after the answer belongs into a queue or an "
                + "invocation of its own.", "Keep the task and await it before the test ends."
        ),
    ]

    @Test("Stories speak of tests", arguments: stories.indices) func retelling(index: Int) throws {
        let (told, retold) = Self.stories[index]
        let found = try #require(judged(finding("leaked-loop", in: 2, told, advice: told)))
        #expect(found.message == retold)
        #expect(found.advice == retold)
    }
}
