import Foundation
import Testing

@Suite("Help") struct HelpTests {
    /// The folder of the golden files; they are written anew when the variable `LOOPWARDEN_WRITE_GOLDEN` is set.
    static let golden = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")

    @Test(
        "is what it was",
        arguments: [
            [], ["check"], ["simulate"], ["event-source"], ["invoke"], ["functions"], ["functions", "list"],
            ["functions", "show"],
            ["functions", "add"],
            ["functions", "remove"], ["functions", "provision"], ["history"], ["show"], ["logs"], ["loops"],
            ["findings"], ["alerts"], ["alerts", "list"],
            ["alerts", "ack"], ["alerts", "resolve"], ["explain"], ["recheck"], ["preload"], ["preload", "suggest"],
            ["status"], ["doctor"], ["daemon"],
        ]
    )
    func texts(_ verb: [String]) async throws {
        let done = await run(verb + ["--help"])
        #expect((done.status, done.errors) == (0, ""))
        #expect(done.output.split(separator: "\n").allSatisfy { $0.hasPrefix("USAGE") || $0.count <= 100 })
        let name = (["loopwarden"] + verb).joined(separator: "-")
        let file = Self.golden.appending(path: "\(name).txt")
        if ProcessInfo.processInfo.environment["LOOPWARDEN_WRITE_GOLDEN"] != nil {
            try FileManager.default.createDirectory(at: Self.golden, withIntermediateDirectories: true)
            try done.output.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == done.output)
    }

    @Test("and the version go to standard output")
    func version() async {
        let done = await run(["--version"])
        #expect(done.status == 0)
        #expect(done.output.contains("."))
        #expect(await run([]).output.contains("SUBCOMMANDS"))
        #expect(await run(["help", "invoke"]).output == run(["invoke", "--help"]).output)
    }
}
