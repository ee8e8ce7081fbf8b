import LoopModel
import LoopWire
import Testing

@Suite("The reply to an invocation") struct RunReplyTests {
    static let finding = Finding(
        rule: "closed-loop-reuse",
        code: "LW201",
        severity: .error,
        function: FunctionName(sanitizing: "orders"),
        environment: EnvironmentID(rawValue: "e1"),
        invocation: InvocationID(rawValue: "i1"),
        ordinal: 1,
        site: CodeLine(file: "handler.py", line: 12, function: "handler"),
        related: [
            RelatedSite(
                role: .created,
                ordinal: nil,
                line: CodeLine(file: "handler.py", line: 3, function: "<module>")
            ),
            RelatedSite(role: .closed, ordinal: 0, line: CodeLine(file: "handler.py", line: 14, function: "handler")),
        ],
        message: "Closed in invocation 0,\nused in invocation 1.",
        advice: "Use \"asyncio.run\"."
    )

    static var record: InvocationRecord {
        var record = InvocationRecord(
            id: InvocationID(rawValue: "0f3e"),
            function: FunctionName(sanitizing: "orders"),
            requestedAt: WallTime(nanoseconds: 1_795_251_543_250_000_000)
        )
        record.environment = EnvironmentID(rawValue: "e1")
        record.ordinal = 1
        record.isCold = true
        record.cause = .scaleOut
        record.outcome = .error
        record.errorType = "RuntimeError"
        record.errorMessage = "Event loop is closed"
        record.queued = .nanoseconds(1)
        record.initialization = .nanoseconds(12_345_678)
        record.duration = .seconds(2)
        return record
    }

    @Test("has the keys of the contract, in order")
    func contract() {
        let reply = RunReply(record: Self.record, result: Array("{ \"a\" : [1.0, 1e2] }".utf8), findings: [])
        #expect(
            String(decoding: reply.bytes, as: UTF8.self)
                == #"{"invocation":{"id":"0f3e","function":"orders","environment":"e1","ordinal":1,"start":"cold","#
                + #""cause":"scale-out","outcome":"error","errorType":"RuntimeError","#
                + #""errorMessage":"Event loop is closed","queuedMs":0.000001,"initMs":12.345678,"#
                + #""inits":[],"durationMs":2000.000000,"peakMemoryBytes":null,"exceededMemoryBytes":null,"#
                + #""requestedAt":"2026-11-21T08:59:03.250Z"},"#
                + #""result":{ "a" : [1.0, 1e2] },"findings":[]}"#
        )
    }

    @Test("comes back as it was sent, the result byte for byte")
    func roundTrip() throws {
        let result = Array(#"{"big":123456789012345678901234567890,"float":1.50, "text":"ä\u00e4\/"}"#.utf8)
        let sent = RunReply(record: Self.record, result: result, findings: [Self.finding, Self.finding])
        let read = try #require(RunReply(parsing: sent.bytes))
        #expect(read.record == sent.record)
        #expect(read.result == result)
        #expect(read.findings == sent.findings)
    }

    @Test("of an invocation that never ran is all nulls")
    func nulls() throws {
        let record = InvocationRecord(
            id: InvocationID(rawValue: "i"),
            function: FunctionName(sanitizing: "f"),
            requestedAt: WallTime(nanoseconds: 0)
        )
        let read = try #require(RunReply(parsing: RunReply(record: record, result: [], findings: []).bytes))
        #expect(read.record == record)
        #expect(read.result == Array("null".utf8))
    }

    @Test(
        "is not mistaken for something else",
        arguments: ["", "{}", "[]", #"{"invocation":{},"result":1,"findings":[]}"#]
    )
    func otherThings(_ text: String) {
        #expect(RunReply(parsing: Array(text.utf8)) == nil)
    }

    @Test("grows by fields that an older client ignores")
    func additions() throws {
        var text = String(decoding: RunReply(record: Self.record, result: [0x31], findings: []).bytes, as: UTF8.self)
        text.replace("{\"id\"", with: "{\"new\":{\"x\":[]},\"id\"")
        text.replace("{\"invocation\"", with: "{\"newer\":1,\"invocation\"")
        #expect(RunReply(parsing: Array(text.utf8))?.record == Self.record)
    }
}
