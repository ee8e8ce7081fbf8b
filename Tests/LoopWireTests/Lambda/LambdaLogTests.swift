import FoundationEssentials
import LoopModel
import LoopWire
import Testing

@Suite("The end of a log as Lambda sends it")
struct LambdaLogTests {
    private func log(printed: String) throws -> LambdaLog {
        let name = try #require(FunctionName(rawValue: "orders"))
        var record = InvocationRecord(
            id: InvocationID(rawValue: "id"),
            function: name,
            requestedAt: WallTime(nanoseconds: 0)
        )
        record.outcome = .ok
        record.duration = .microseconds(1234)
        record.logTail = printed
        record.peakMemory = 24 << 20
        let function = FunctionConfiguration(name: name, root: "/", source: "/", handler: "h.h")
        return LambdaLog(of: record, function: function)
    }

    @Test("is what was printed between START and END, and then REPORT")
    func text() throws {
        #expect(
            try log(printed: "hello").text == """
                START RequestId: id Version: $LATEST
                hello
                END RequestId: id
                REPORT RequestId: id\tDuration: 1.23 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\tMax Memory Used: 24 MB

                """
        )
    }

    @Test("comes with an answer as its last 4 KB")
    func tail() throws {
        let long = String(repeating: "x", count: 10_000)
        let tail = try #require(Data(base64Encoded: log(printed: long).encodedTail))
        #expect(tail.count == 4096)
        #expect(String(decoding: tail, as: UTF8.self).hasSuffix("Max Memory Used: 24 MB\n"))
    }
}
