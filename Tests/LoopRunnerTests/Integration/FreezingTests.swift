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
                // Its worker tells what is alive before: this waits for it.
                #expect(await harness.runner.freeze(Self.freeze) == 1)
                #expect(await harness.runner.status().functions.first?.environments.map(\.state) == [.frozen])
                let before = try ticks(harness)
                try await Task.sleep(for: .milliseconds(100))
                #expect(try ticks(harness) == before)
            }
        }
    }

    @Test("has its span told at its begin and its end, and in the events where it was", arguments: [true, false])
    func spans(isUsual: Bool) async throws {
        try await RunnerHarness.run { harness in
            try await harness.plugin("test", Self.counts) { $0.freezes = isUsual }
            _ = try await harness.invoke()
            #expect(await harness.runner.freeze(Self.freeze) == 1)
            #expect(harness.log.freezes.map(\.thawed) == [nil])
            _ = try await harness.invoke()
            let spans = harness.log.freezes
            let end = try #require(spans.dropFirst().first)
            #expect(spans[0].frozen == end.frozen && end.following == 0 && end.processes == 2)
            #expect(try #require(end.duration) > .zero)
            let events = try #require(harness.log.events[end.environment])
            let told = events.filter { [.frozen, .thawed].contains($0.kind) }
            #expect(told.map(\.kind) == [.frozen, .thawed] && told.map(\.at) == [end.frozen, end.thawed])
            #expect(told.map(\.value) == [2, end.duration?.nanoseconds])
            #expect(told.allSatisfy { $0.flags == (isUsual ? [] : .onRequest) && $0.phase == .between })
            #expect(events.map(\.at) == events.map(\.at).sorted())
            // What was alive is told before, once: a thread and a child.
            let alive = events.filter { [.threadFrozen, .childFrozen].contains($0.kind) }
            #expect(alive.contains { $0.kind == .threadFrozen && $0.flags.contains(.isDaemon) })
            #expect(alive.allSatisfy { $0.at < end.frozen })
        }
    }

    @Test("ends with its environment")
    func killed() async throws {
        try await RunnerHarness.run { harness in
            try await harness.plugin("test", Self.counts)
            _ = try await harness.invoke()
            #expect(await harness.runner.freeze(Self.freeze) == 1)
            await harness.runner.remove(Self.freeze)
            while harness.log.ended.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
            #expect(harness.log.freezes.count == 2 && harness.log.freezes.last?.duration != nil)
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
