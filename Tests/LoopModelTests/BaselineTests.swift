import LoopModel
import Testing

@Suite("What is known of a finding")
struct BaselineTests {
    private static let code = """
        import asyncio

        class Client:
            def ask(self):
                if self.loop:
                    # its own
                    self.loop.close()
                self.loop.close()
                return [x for x in
            'text']

            def close(self):
                self.loop.close()

        top = 1
        """.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)

    private func anchor(_ line: Int, _ function: String = "f", in code: [String] = code) -> FindingAnchor {
        FindingAnchor(file: "a.py", line: CodeLine(file: "a.py", line: line, function: function), in: code)
    }

    @Test("names the definitions around the line, its text, and which of equal ones it is")
    func anchors() {
        #expect(anchor(7) == FindingAnchor(file: "a.py", scope: "Client.ask", text: "self.loop.close()", occurrence: 0))
        #expect(anchor(8) == FindingAnchor(file: "a.py", scope: "Client.ask", text: "self.loop.close()", occurrence: 1))
        #expect(anchor(13).scope == "Client.close" && anchor(13).occurrence == 0)
        #expect(anchor(15) == FindingAnchor(file: "a.py", scope: "", text: "top = 1", occurrence: 0))
        #expect(Set([7, 8, 13, 15].map { anchor($0).fingerprint(of: "rule") }).count == 4)
        #expect(anchor(7).fingerprint(of: "rule") != anchor(7).fingerprint(of: "other"))
    }

    @Test("stays when lines come in above, are indented anew or commented, and when Python names functions differently")
    func lasting() {
        let moved = ["# one", "# two"] + Self.code.map { $0.contains("close()") ? $0 + "  # noqa" : $0 }
        #expect(anchor(9, in: moved) == anchor(7))
        #expect(anchor(8, "Client.ask.<locals>.<listcomp>") == anchor(8, "ask"))
        #expect(anchor(99, "Client.ask").scope == "ask" && anchor(99).text.isEmpty)
    }

    private func known(_ file: String, _ occurrence: Int, reason: String = "") -> KnownFinding {
        let anchor = FindingAnchor(file: file, scope: "handler", text: "x()", occurrence: occurrence)
        return KnownFinding(rule: "leaked-loop", function: "orders", anchor: anchor, reason: reason)
    }

    @Test("is written sorted, each once, and read again")
    func roundTrip() throws {
        let failure = KnownFailure(
            function: "orders",
            handler: "a.py:handler",
            start: "warm",
            error: "KeyError",
            message: "'x' at 0x7f00"
        )
        let baseline = Baseline(
            findings: [known("b.py", 0), known("a.py", 10), known("a.py", 2, reason: "so"), known("b.py", 0)],
            failures: [failure]
        )
        let read = try Baseline(Array(baseline.text.utf8))
        #expect(read.findings == [known("a.py", 2, reason: "so"), known("a.py", 10), known("b.py", 0)])
        #expect(read.failures == [failure] && failure.message == "'x' at #")
        #expect(read.text == baseline.text)
        #expect(read.reasons[known("a.py", 2).fingerprint] == "so")
        #expect(read.reasons[known("b.py", 0).fingerprint]?.isEmpty == true)
        #expect(read.reasons[known("c.py", 0).fingerprint] == nil)
    }

    @Test("of a failing invocation is the same when only numbers and ids differ")
    func failures() {
        func failure(_ message: String, start: String = "warm") -> String {
            KnownFailure(function: "f", handler: "a.py:f", start: start, error: "E", message: message).fingerprint
        }
        #expect(failure("task 12 at 0x7f\nmore") == failure("task 7 at 0xaa1"))
        #expect(failure("RequestId: 4352fb5b-6e54-46e0-941f-a4becac40cdf") == failure("RequestId: 1-abcd-ef"))
        #expect(failure("a") != failure("b") && failure("a") != failure("a", start: "cold"))
    }

    @Test(
        "is not read from what is no baseline, or one of another version",
        arguments: [
            ("{", BaselineFailure.notJSON("")), ("{}", .notABaseline), ("[]", .notABaseline),
            ("{\"schema\": \"loopwarden.baseline/9\"}", .otherVersion("loopwarden.baseline/9")),
            ("{\"schema\": \"loopwarden.baseline/1\", \"failures\": [1]}", .badEntry("failures", 0)),
        ]
    )
    func mistakes(_ text: String, _ failure: BaselineFailure) {
        let thrown = #expect(throws: BaselineFailure.self) { try Baseline(Array(text.utf8)) }
        if case .notJSON = failure, case .notJSON = thrown { return }
        #expect(thrown == failure)
    }
}
