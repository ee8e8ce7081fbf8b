import LoopModel
import Testing

@Suite("Allowances")
struct AllowanceTests {
    private func finding(_ line: Int, related: [RelatedSite] = []) -> Finding {
        Finding(
            rule: "leaked-loop",
            code: "LW202",
            severity: .error,
            function: FunctionName(sanitizing: "orders"),
            environment: EnvironmentID(rawValue: "0f1e2d3c4b5a69788796a5b4c3d2e1f0"),
            invocation: nil,
            ordinal: 0,
            site: CodeLine(file: "handler.py", line: line, function: "handler"),
            related: related,
            message: "It leaks.",
            advice: "Close it."
        )
    }

    @Test("name a rule, and say where and why if they like")
    func parsing() throws {
        let whole = try Allowance("LW202 at lib/pool.py:12 because the pool keeps it")
        #expect(whole.rule == "lw202" && whole.file == "lib/pool.py" && whole.line == 12)
        #expect(whole.reason == "the pool keeps it")
        let file = try Allowance("leaked-loop at handler.py")
        #expect(file.file == "handler.py" && file.line == nil && file.reason.isEmpty)
        #expect(try Allowance("leaked-loop because of it").file == nil)
    }

    @Test(
        "are refused when they say something else",
        arguments: ["", "because", "leaked-loop handler.py", "leaked-loop at", "a at b:x", "a at b:0", "a at :3"]
    )
    func malformed(_ text: String) {
        #expect(throws: AllowanceFailure.malformed(text)) { try Allowance(text) }
    }

    @Test("cover the culprit and the other lines that take part, and nothing else")
    func covering() throws {
        let closed = RelatedSite(role: .closed, ordinal: 0, line: CodeLine(file: "a.py", line: 3, function: "f"))
        let via = RelatedSite(role: .via, ordinal: 0, line: CodeLine(file: "/lib/b.py", line: 4, function: "g"))
        let finding = finding(9, related: [closed, via])
        for text in [
            "leaked-loop", "lw202", "leaked-loop at handler.py", "leaked-loop at handler.py:9", "LW202 at a.py:3",
        ] {
            #expect(try Allowance(text).covers(finding), "\(text)")
        }
        for text in [
            "poisoned-slot", "leaked-loop at handler.py:8", "leaked-loop at a.py:9", "leaked-loop at /lib/b.py",
        ] {
            #expect(try !Allowance(text).covers(finding), "\(text)")
        }
    }
}
