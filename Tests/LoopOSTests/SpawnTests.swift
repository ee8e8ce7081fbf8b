import LoopOS
import Testing

@Suite("A child process", .timeLimit(.minutes(1))) struct SpawnTests {
    let processes: Processes

    init() throws { processes = try Processes() }

    @Test("ends with the status that it gave", arguments: [0, 3, 127])
    func exitStatus(_ code: Int) async throws {
        #expect(try await processes.run(Processes.launch("exit \(code)")).end.status == .exited(Int32(code)))
    }

    @Test("ends with the signal that killed it")
    func signal() async throws {
        #expect(try await processes.run(Processes.launch("kill -9 $$")).end.status == .signaled(9))
    }

    @Test("that prints has its output read, both streams in the order of printing")
    func output() async throws {
        let output = try await processes.run(Processes.launch("echo one; echo two >&2; echo three")).output
        #expect(output.text == "one\ntwo\nthree\n")
        #expect(output.dropped == 0)
    }

    @Test("that floods its output is never held up, and what is kept is bounded")
    func flood() async throws {
        let (end, output) = try await processes.run(Processes.launch("head -c 50000000 /dev/zero; echo END"))
        #expect(end.status == .exited(0))
        #expect(output.total == 50_000_004)
        #expect(output.text.utf8.count < BoundedOutput.headLimit + BoundedOutput.tailLimit + 100)
        #expect(output.text.hasSuffix("END\n"))
    }

    @Test("leads its own session, with nothing open but its standard descriptors and with the limits asked for")
    func surroundings() async throws {
        let script = "ls /proc/self/fd | tr '\\n' ' '; ulimit -Sn; ulimit -Hn; cut -d' ' -f1,5,6 /proc/$$/stat; env"
        let lines = try await processes.run(Processes.launch(script, limit: 777)).output.text.split(separator: "\n")
        // 3 is the folder that ls reads.
        #expect(lines.first == "0 1 2 3 777")
        #expect(lines.dropFirst().first == "777")
        let numbers = lines.dropFirst(2).first?.split(separator: " ") ?? []
        #expect(numbers.count == 3 && Set(numbers).count == 1)
        #expect(lines.contains("PATH=/usr/bin:/bin"))
        #expect(!lines.contains { $0.hasPrefix("HOME=") })
    }

    @Test("starts with no signal ignored or blocked")
    func signals() async throws {
        let text = try await processes.run(Processes.launch("grep -E '^Sig(Blk|Ign):' /proc/self/status")).output.text
        #expect(text == "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n")
    }

    @Test("that cannot be started says why")
    func failures() async throws {
        var launch = Processes.launch("true")
        launch.executable = "/nowhere/python3"
        await #expect(throws: LaunchFailure.notFound("/nowhere/python3")) { try await Processes.start(launch) }
        launch.executable = "/etc/passwd"
        await #expect(throws: LaunchFailure.notPermitted("/etc/passwd")) { try await Processes.start(launch) }
        let folder = try TemporaryFolder()
        launch.executable = folder.path + "/program"
        try File.write("no program".utf8, to: launch.executable, mode: 0o700)
        await #expect(throws: LaunchFailure.notExecutable(launch.executable)) { try await Processes.start(launch) }
        launch.executable = "/bin/sh"
        launch.directory = "/nowhere"
        await #expect {
            try await Processes.start(launch)
        } throws: {
            if case LaunchFailure.directory = $0 { true } else { false }
        }
    }

    @Test("dies by a signal to its group even when it stopped itself and ignores SIGTERM")
    func stopped() async throws {
        let process = try await Processes.start(Processes.launch("trap '' TERM; kill -STOP $$; sleep 600"))
        process.kill()
        #expect(try await processes.end(of: process).status == .signaled(9))
        #expect(process.isEnding)
    }
}

@Suite("A family of processes", .timeLimit(.minutes(1))) struct ProcessFamilyTests {
    let processes: Processes
    let family = ProcessFamily(name: "\(UInt64.random(in: 0 ... .max))")

    init() throws { processes = try Processes() }

    @Test(
        "is gone when its founder has ended",
        arguments: [
            "sleep 600 &",
            "setsid -f sleep 600",
            "env -i setsid -f sleep 600 >/dev/null 2>&1 </dev/null",
            "(setsid sh -c 'env -i setsid -f sleep 600' &)",
            "for i in 1 2 3 4 5; do setsid -f sh -c 'trap \"\" TERM HUP; sleep 600'; done",
        ]
    )
    func sweep(_ script: String) async throws {
        // The founder waits until it sees its descendant, so that there is something to sweep.
        let launch = Processes.launch("\(script)\nuntil pgrep -x sleep >/dev/null; do :; done; exit 3", family: family)
        let end = try await processes.run(launch).end
        #expect(end.status == .exited(3))
        #expect(family.members().isEmpty)
    }

    @Test("has members while it lives: the check above is not empty")
    func members() async throws {
        let process = try await Processes.start(
            Processes.launch("env -i setsid -f sleep 600; echo up; wait", family: family)
        )
        let other = try await Processes.start(
            Processes.launch("sleep 600", family: ProcessFamily(name: "other \(UInt64.random(in: 0 ... .max))"))
        )
        while family.members().isEmpty { await Task.yield() }
        let members = family.members()
        #expect(!members.contains(other.processID))
        other.kill()
        process.kill()
        #expect(try await processes.end(of: process).leftBehind <= members.count + 1)
        _ = try await processes.end(of: other)
        #expect(family.members().isEmpty)
    }
}

@Suite("Bounded output") struct BoundedOutputTests {
    @Test("keeps the first and the last bytes of any text, and counts the rest")
    func bounds() {
        var generator = SystemRandomNumberGenerator()
        for total in [0, 1, 4095, 4096, 4097, 16_384, 16_385, 40_000, 200_000] {
            let whole = (0..<total).map { UInt8(97 + $0 % 26) }
            var output = BoundedOutput()
            var rest = whole[...]
            while !rest.isEmpty {
                let part = rest.prefix(Int.random(in: 1...30_000, using: &generator))
                part.withUnsafeBytes { output.append($0) }
                rest = rest.dropFirst(part.count)
            }
            #expect(output.total == total)
            #expect(output.dropped == max(0, total - BoundedOutput.headLimit - BoundedOutput.tailLimit))
            let text = Array(output.text.utf8)
            #expect(text.starts(with: whole.prefix(BoundedOutput.headLimit)))
            #expect(
                text.suffix(min(total, BoundedOutput.tailLimit)).elementsEqual(whole.suffix(BoundedOutput.tailLimit))
            )
        }
    }

    @Test("knows when each line came, also around what it left out")
    func times() {
        var output = BoundedOutput(limit: 400)
        func append(_ text: String, _ at: Int64) { Array(text.utf8).withUnsafeBytes { output.append($0, at: at) } }
        append("one\ntw", 10_000_000)
        append("o\nthree\n", 20_000_000)
        append("four\n", 20_500_000)
        #expect(output.lineTimes.map(\.line) == [0, 2])
        #expect(output.lineTimes.map(\.at) == [10_000_000, 20_000_000])
        for second in 1...100 { append("line \(second)\n", Int64(second) * 1_000_000_000) }
        let lines = output.text.split(separator: "\n", omittingEmptySubsequences: false)
        let times = Dictionary(output.lineTimes.map { ($0.line, $0.at) }) { $1 }
        #expect(output.dropped > 0)
        for number in 95...100 {
            let line = lines.firstIndex(of: "line \(number)") ?? -1
            #expect(times[line] == Int64(number) * 1_000_000_000)
        }
    }
}
