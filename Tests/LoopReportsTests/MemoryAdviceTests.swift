import LoopModel
import Testing

@testable import LoopReports

@Suite("Advice on memory") struct MemoryAdviceTests {
    private func invocation(isCold: Bool, exceeded: Int?) throws -> InvocationRecord {
        var record = InvocationRecord(
            id: InvocationID(rawValue: "i1"),
            function: try #require(FunctionName(rawValue: "eater")),
            requestedAt: WallTime(nanoseconds: 0)
        )
        (record.isCold, record.peakMemory, record.exceededMemory) = (isCold, 100 << 20, exceeded)
        (record.errorType, record.errorMessage) = ("Runtime.ExitError", "signal: killed")
        return record
    }

    @Test("is for what was killed at its limit, and for nothing else")
    func advice() throws {
        #expect(MemoryAdvice(try invocation(isCold: false, exceeded: nil)) == nil)
        let warm = try #require(MemoryAdvice(try invocation(isCold: false, exceeded: 256 << 20))).text
        #expect(warm.contains("more than the 256 MB") && warm.contains("something is kept"))
        let cold = try #require(MemoryAdvice(try invocation(isCold: true, exceeded: 128 << 20))).text
        #expect(cold.contains("more than the 128 MB") && cold.contains("loading the handler counts"))
    }

    @Test("stands in lists in the place of an error that says nothing of it")
    func error() throws {
        func shown(_ exceeded: Int?) throws -> String? {
            let cell = ReportDocument.Cell.error(of: try invocation(isCold: true, exceeded: exceeded))
            if case .pair(let shown, _) = cell { return shown }
            return nil
        }
        #expect(try shown(128 << 20) == "killed at its memory limit, 128 MB")
        #expect(try shown(nil) == "Runtime.ExitError: signal: killed")
    }
}
