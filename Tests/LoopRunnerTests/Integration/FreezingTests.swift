import LoopModel
import LoopOS
import LoopRunner
import Testing

@Suite("A frozen environment", .timeLimit(.minutes(2))) struct FreezingTests {
    /// A thread counts on, and so does a child process in a session of its own.
    private static let counts = """
        import os, subprocess, sys, threading, time
        folder = os.environ["TEST_FOLDER"]
        count = 0
        def work():
            global count
            while True:
                count += 1
                time.sleep(0.005)
        threading.Thread(target=work, daemon=True).start()
        subprocess.Popen([sys.executable, "-c", "import sys, time\\nwhile True:\\n"
            "    open(sys.argv[1], 'a').write('.')\\n    time.sleep(0.005)", folder + "/ticks"],
            start_new_session=True)
        def handler(event, context):
            while not os.path.exists(folder + "/ticks"):
                time.sleep(0.005)
            now = count
            time.sleep(event.get("sleep", 0))
            return [now, os.path.getsize(folder + "/ticks")]
        """

    private static let freeze = FunctionName(sanitizing: "test")

    private func ticks(_ harness: RunnerHarness) throws -> Int64 {
        try #require(FileStamp(path: "\(harness.folder)/ticks")).size
    }

    @Test("stands still with all its processes, and goes on in the next invocation")
    func standsStill() async throws {
        try await RunnerHarness.run { harness in
            try await harness.plugin("test", Self.counts)
            _ = try await harness.invoke()
            // The negative control: unfrozen, both go on.
            let running = try ticks(harness)
            try await Task.sleep(for: .milliseconds(200))
            #expect(try ticks(harness) > running)

            #expect(await harness.runner.freeze(Self.freeze) == 1)
            #expect(await harness.runner.status().functions.first?.environments.map(\.state) == [.frozen])
            let before = try ticks(harness)
            try await Task.sleep(for: .milliseconds(300))
            #expect(try ticks(harness) == before)

            let warm = try await harness.invoke("test", #"{"sleep": 0.3}"#)
            #expect(warm.record.outcome == .ok && !warm.record.isCold && warm.record.ordinal == 1)
            #expect(try ticks(harness) > before)
            #expect(await harness.runner.status().functions.first?.environments.map(\.state) == [.idle])
        }
    }

    @Test("goes on when it is thawed")
    func thaw() async throws {
        try await RunnerHarness.run { harness in
            try await harness.plugin("test", Self.counts)
            _ = try await harness.invoke()
            await harness.runner.freeze(Self.freeze)
            let before = try ticks(harness)
            await harness.runner.thaw(Self.freeze)
            try await Task.sleep(for: .milliseconds(300))
            #expect(try ticks(harness) > before)
        }
    }

    @Test("can be ended: asked politely when its function is removed, and killed with the daemon")
    func ends() async throws {
        try await RunnerHarness.run { harness in
            try await harness.plugin("test", Self.counts)
            _ = try await harness.invoke()
            await harness.runner.freeze(Self.freeze)
            await harness.runner.remove(Self.freeze)
            while harness.log.ended.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
            #expect(harness.log.ended.first?.end == "function removed")
            #expect(harness.log.events.values.joined().contains { $0.phase == .shutdown })
            // And another is left frozen for the harness, which looks that no process is left.
            try await harness.plugin("test", Self.counts)
            _ = try await harness.invoke()
            #expect(await harness.runner.freeze(Self.freeze) == 1)
        }
    }

    @Test("is what a function that freezes has after every answer")
    func always() async throws {
        try await RunnerHarness.run { harness in
            try await harness.plugin("test", Self.counts) { $0.freezes = true }
            for ordinal in 0..<3 {
                let answer = try await harness.invoke()
                #expect(answer.record.outcome == .ok && answer.record.ordinal == ordinal)
                #expect(await harness.runner.status().functions.first?.environments.map(\.state) == [.frozen])
                let before = try ticks(harness)
                try await Task.sleep(for: .milliseconds(100))
                #expect(try ticks(harness) == before)
            }
        }
    }

    @Test("is none while it serves an invocation, and no vigil is held over it")
    func busy() async throws {
        try await RunnerHarness.run { harness in
            try await harness.plugin("test", Self.counts)
            _ = try await harness.invoke()
            async let answer = harness.invoke("test", #"{"sleep": 0.5}"#)
            while await harness.runner.status().functions.first?.environments.first?.state != .invoking {
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(await harness.runner.freeze(Self.freeze) == 0)
            #expect(try await answer.record.outcome == .ok)
            await harness.runner.freeze(Self.freeze)
            try await Task.sleep(for: .milliseconds(500))
            _ = try await harness.invoke()
            #expect(!harness.log.events.values.joined().contains { $0.kind == .loopBlocked })
        }
    }

    @Test("a process that had stopped itself stays stopped")
    func stoppedItself() async throws {
        try await RunnerHarness.run { harness in
            try await harness.plugin(
                "test",
                """
                import os, subprocess, sys, time
                child = subprocess.Popen([sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)"])
                def state():
                    with open("/proc/%d/stat" % child.pid) as file:
                        return file.read().rpartition(")")[2].split()[0]
                def handler(event, context):
                    while not event.get("looks") and state() != "T":
                        time.sleep(0.005)
                    return state()
                """
            )
            #expect(try await harness.invoke().text == #""T""#)
            await harness.runner.freeze(Self.freeze)
            await harness.runner.thaw(Self.freeze)
            try await Task.sleep(for: .milliseconds(100))
            #expect(try await harness.invoke("test", #"{"looks": true}"#).text == #""T""#)
        }
    }
}
