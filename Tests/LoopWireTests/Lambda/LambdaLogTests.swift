import FoundationEssentials
import LoopModel
import LoopWire
import Testing

@Suite("A log as Lambda writes it")
struct LambdaLogTests {
    private func record() throws -> InvocationRecord {
        let name = try #require(FunctionName(rawValue: "orders"))
        var record = InvocationRecord(
            id: InvocationID(rawValue: "id"),
            function: name,
            requestedAt: WallTime(nanoseconds: 0)
        )
        record.outcome = .ok
        record.duration = .microseconds(1234)
        record.logTail = "hello"
        return record
    }

    @Test("stands between START and END, and ends with REPORT")
    func text() throws {
        let log = LambdaLog(of: try record(), memory: 128, peakMemory: 24 << 20)
        #expect(
            log.text == """
                START RequestId: id Version: $LATEST
                hello
                END RequestId: id
                REPORT RequestId: id\tDuration: 1.23 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\tMax Memory Used: 24 MB

                """
        )
    }

    @Test("says what a cold start took, and how it ended when that was badly")
    func report() throws {
        var record = try record()
        record.initialization = .milliseconds(100)
        #expect(
            LambdaLog(of: record, memory: 256).report.hasSuffix(
                "Billed Duration: 102 ms\tMemory Size: 256 MB\tInit Duration: 100.00 ms"
            )
        )
        record.outcome = .timeout
        #expect(LambdaLog(of: record, memory: 256).report.hasSuffix("\tStatus: timeout"))
        (record.outcome, record.errorType) = (.error, "KeyError")
        #expect(LambdaLog(of: record, memory: 256).report.hasSuffix("\tStatus: error\tError Type: KeyError"))
    }

    @Test("comes with an answer as its last 4 KB")
    func tail() throws {
        var record = try record()
        record.logTail = String(repeating: "x", count: 10_000)
        let tail = try #require(Data(base64Encoded: LambdaLog(of: record, memory: 128).encodedTail))
        #expect(tail.count == 4096)
        #expect(String(decoding: tail, as: UTF8.self).hasSuffix("Memory Size: 128 MB\n"))
    }
}
