import LoopModel
import Testing

@Suite("Traces of invocations") struct InvocationTraceTests {
    private func trace(
        _ text: String,
        wanted: Set<String>? = nil
    ) throws(InvocationTraceFailure) -> InvocationTrace {
        try InvocationTrace(Array(text.utf8)) { wanted?.contains($0) ?? true }
    }

    private static let header = "HashOwner,HashApp,HashFunction,Trigger,1,2,3"

    @Test("Rows are read with their counts, whatever ends their lines")
    func rows() throws {
        for ending in ["\n", "\r\n"] {
            let text = [Self.header, "o,a,f,http,1,0,2", "o,a,g,timer,0,0,0", ""].joined(separator: ending)
            let rows = try trace(text).rows
            #expect(rows.map(\.function) == ["f", "g"])
            #expect(rows.map(\.counts) == [[1, 0, 2], [0, 0, 0]])
            #expect(rows.map(\.trigger) == ["http", "timer"])
            #expect(rows.map(\.line) == [2, 3])
        }
        #expect(try trace("\u{FEFF}\(Self.header)\no,a,f,http,1,0,2").rows.count == 1)
    }

    @Test("A whole day has 1440 minutes")
    func day() throws {
        let minutes = (1...1440).map(String.init).joined(separator: ",")
        let counts = Array(repeating: "1", count: 1440).joined(separator: ",")
        let rows = try trace("HashOwner,HashApp,HashFunction,Trigger,\(minutes)\no,a,f,http,\(counts)\n").rows
        #expect(rows[0].counts.reduce(0, +) == 1440)
    }

    @Test("Rows that nobody wants are counted, and not looked into")
    func skipped() throws {
        let trace = try trace("\(Self.header)\no,a,f,http,1,0,2\no,a,g,http,x,y\n", wanted: ["f"])
        #expect(trace.rows.count == 1)
        #expect(trace.skipped == 1)
    }

    @Test(
        "What is wrong is told with its line",
        arguments: [
            ("", 1, "expected the columns"),
            ("a,b,c\n", 1, "expected the columns"),
            ("HashOwner,HashApp,HashFunction,Trigger\n", 1, "expected the columns"),
            ("HashOwner,HashApp,HashFunction,Trigger,1,3\n", 1, "expected the column 2"),
            ("\(header)\no,a,f,http,1,0\n", 2, "expected 7 columns, as the first line has, found 6"),
            ("\(header)\no,a,f,http,1,0,2\no,a,f,http,1,0,2,9\n", 3, "found 8"),
            ("\(header)\no,a,f,http,1,x,2\n", 2, "minute 2: expected a whole number from 0, found \"x\""),
            ("\(header)\no,a,f,http,1,-1,2\n", 2, "minute 2"),
            ("\(header)\no,a,f,http,1,1.5,2\n", 2, "minute 2"),
            ("\(header)\no,a\n", 2, "found 2 columns"),
        ]
    )
    func mistakes(text: String, line: Int, words: String) {
        let failure = #expect(throws: InvocationTraceFailure.self) { try trace(text) }
        #expect(failure?.line == line)
        #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
    }
}
