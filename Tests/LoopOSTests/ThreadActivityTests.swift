import Testing

@testable import LoopOS

@Suite("A thread of another process", .timeLimit(.minutes(1)))
struct ThreadActivityTests {
    /// What a script does after some time.
    private func activity(of script: String) async throws -> ThreadActivity? {
        let processes = try Processes()
        let process = try await Processes.start(Processes.launch(script))
        async let end = processes.end(of: process)
        // Whatever happens: the end is waited for.
        defer { process.kill() }
        var seen: ThreadActivity?
        // Until it is twice the same: before, the program is still being loaded.
        for _ in 0..<200 {
            try await Task.sleep(for: .milliseconds(20))
            let now = ThreadActivity(process: process.processID, thread: process.processID)
            if now != nil, now == seen { break }
            seen = now
        }
        process.kill()
        _ = try await end
        return seen
    }

    @Test("is seen sleeping, waiting for a child, computing and stopped")
    func activities() async throws {
        #expect(try await activity(of: "exec sleep 60") == .waiting(.time))
        #expect(try await activity(of: "sleep 60; true") == .waiting(.child))
        #expect(try await activity(of: "while :; do :; done") == .running)
        #expect(try await activity(of: "kill -STOP $$; true") == .stopped)
    }

    @Test("has its times counted, and tells which signals it takes")
    func times() async throws {
        let processes = try Processes()
        let process = try await Processes.start(Processes.launch("trap : USR1; while :; do :; done"))
        async let end = processes.end(of: process)
        defer { process.kill() }
        var signals = ThreadSignals(process: process.processID, thread: process.processID)
        for _ in 0..<200 where signals?.takes(10) != true {
            try await Task.sleep(for: .milliseconds(20))
            signals = ThreadSignals(process: process.processID, thread: process.processID)
        }
        #expect(signals?.takes(10) == true && signals?.takes(12) == false && signals?.isTraced == false)
        let before = try #require(ThreadTimes(process: process.processID, thread: process.processID))
        try await Task.sleep(for: .milliseconds(200))
        let after = try #require(ThreadTimes(process: process.processID, thread: process.processID))
        #expect(after.ran + after.starved > before.ran + before.starved)
        #expect(process.signal(10, thread: process.processID))
        process.kill()
        _ = try await end
        #expect(!process.signal(10, thread: process.processID))
        #expect(ThreadActivity(process: process.processID, thread: process.processID) == nil)
        #expect(ThreadTimes(process: process.processID, thread: process.processID) == nil)
        #expect(ThreadSignals(process: process.processID, thread: process.processID) == nil)
    }

    @Test(
        "is judged by the kernel's function where its system call is a secret",
        arguments: [
            ("R", nil, .running), ("T", "0", .stopped), ("t", "ptrace_stop", .stopped), ("S", "ep_poll", .idle),
            ("S", "hrtimer_nanosleep", .waiting(.time)), ("S", "futex_wait_queue", .waiting(.lock)),
            ("S", "do_wait", .waiting(.child)), ("S", "poll_schedule_timeout.constprop.0", .waiting(.readiness)),
            ("D", "folio_wait_bit", .waiting(.other)), ("S", "0", nil), ("S", nil, nil), ("Z", "0", nil),
        ] as [(Character, String?, ThreadActivity?)]
    )
    func fallback(_ state: Character, _ function: String?, _ activity: ThreadActivity?) {
        #expect(ThreadActivity(state: state, kernelFunction: function) == activity)
    }

    @Test("is in no call when it runs, and in one with a first argument else")
    func systemCall() throws {
        #expect(SystemCall("running\n") == nil)
        #expect(SystemCall("") == nil)
        let call = try #require(SystemCall("202 0x7f 0x80 0x0 0x0 0x0 0x0 0x7ffd 0x7f12\n"))
        #expect(call.number == 202 && call.firstArgument == "0x7f" && !call.isIdle)
    }
}
