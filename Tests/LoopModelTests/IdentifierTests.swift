import LoopModel
import Testing

@Suite("Identifiers")
struct IdentifierTests {
    @Test(
        "function names follow AWS Lambda's rule",
        arguments: [
            ("orders", true), ("Orders_2-b", true), ("", false), ("a b", false), ("ä", false), ("a.b", false),
            (String(repeating: "x", count: 64), true), (String(repeating: "x", count: 65), false),
        ]
    )
    func functionNames(_ text: String, _ isName: Bool) {
        #expect((FunctionName(rawValue: text) != nil) == isName)
        #expect(FunctionName(rawValue: FunctionName(sanitizing: text).rawValue) != nil)
    }

    @Test(
        "modules are identifiers with dots between them",
        arguments: [
            ("boto3", true), ("urllib.parse", true), ("_a.b_2", true), ("é", true), ("", false), ("a..b", false),
            (".a", false), ("a.", false), ("2a", false), ("a-b", false), ("a b", false), ("a\u{1B}", false),
        ]
    )
    func moduleNames(_ text: String, _ isName: Bool) {
        #expect(ModuleName.isValid(text) == isName)
    }

    @Test("invocations are UUIDs of version 4, each a new one")
    func invocations() {
        let ids = (0..<1000).map { _ in InvocationID.random() }
        #expect(Set(ids).count == 1000)
        let form = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/
        #expect(ids.allSatisfy { $0.rawValue.wholeMatch(of: form) != nil })
        #expect(ids[0].short == ids[0].rawValue.prefix(8))
    }

    @Test("environments are 32 hexadecimal digits, each new ones")
    func environments() {
        let ids = (0..<1000).map { _ in EnvironmentID.random() }
        #expect(Set(ids).count == 1000)
        #expect(ids.allSatisfy { $0.rawValue.wholeMatch(of: /[0-9a-f]{32}/) != nil })
    }

    @Test("a fingerprint depends on function, rule and culprit line, and on nothing else")
    func fingerprints() {
        func finding(
            rule: String = "r",
            file: String = "h.py",
            line: Int = 1,
            ordinal: Int = 0,
            message: String = "m"
        ) -> Finding {
            Finding(
                rule: rule,
                code: "c",
                severity: .error,
                function: FunctionName(sanitizing: "f"),
                environment: EnvironmentID.random(),
                invocation: nil,
                ordinal: ordinal,
                site: CodeLine(file: file, line: line, function: "g"),
                related: [],
                message: message,
                advice: ""
            )
        }
        let first = finding().fingerprint
        #expect(first == "5491c67da5b0635e210f2f872583e2b9", "alerts in old databases keep their names")
        #expect(finding(ordinal: 5, message: "other").fingerprint == first)
        for other in [finding(rule: "s"), finding(file: "i.py"), finding(line: 2)] {
            #expect(other.fingerprint != first)
        }
    }
}
