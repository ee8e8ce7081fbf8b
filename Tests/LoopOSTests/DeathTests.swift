import Glibc
import LoopOS
import Testing

@Suite("Children of a process that is killed", .timeLimit(.minutes(1))) struct DeathTests {
    @Test("die with it, although the thread that asked for them is long gone")
    func parentDeath() async throws {
        let result = await #expect(processExitsWith: .signal(9), observing: [\.standardOutputContent]) {
            let child = try await Processes.start(Processes.launch("exec sleep 600"))
            try Descriptor.writeAll("child \(child.processID)\n".utf8, to: 1)
            kill(getpid(), SIGKILL)
        }
        let output = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
        let line = try #require(output.split(separator: "\n").first { $0.hasPrefix("child ") })
        let number = try #require(Int32(line.dropFirst("child ".count)))
        // The signal is sent as the parent dies; the child needs a moment to follow.
        while (try? File.read("/proc/\(number)/cmdline"))?.isEmpty == false { await Task.yield() }
    }
}
