import LoopModel
import LoopOS
import LoopRunner
import Testing

@Suite("An invocation that takes long", .timeLimit(.minutes(3)))
struct LongInvocationTests {
    private static let imports = "import asyncio, hashlib, os, signal, subprocess, sys, threading, time\n"

    /// The events of a kind after one invocation of a handler.
    private func events(
        _ kind: LoopEvent.Kind,
        _ code: String,
        outcome: Outcome = .ok,
        configure: (inout FunctionConfiguration) -> Void = { _ in }
    ) async throws -> [LoopEvent] {
        var found: [LoopEvent] = []
        try await RunnerHarness.run { harness in
            try await harness.plugin("test", Self.imports + code, configure: configure)
            let answer = try await harness.invoke()
            #expect(answer.record.outcome == outcome, "\(answer.text.prefix(300)) \(answer.record.logTail)")
            let all = answer.record.environment.flatMap { harness.log.events[$0] } ?? []
            found = all.filter { $0.kind == kind }
            // Among the events of the invocation, not behind its end.
            if let last = found.last, outcome != .timeout {
                let end = all.last { $0.kind == .phaseEnded && $0.phase == .invocation }
                #expect(last.sequence < end?.sequence ?? 0)
            }
        }
        return found
    }

    @Test("is told with the line that holds up its loop, and with what holds it up")
    func blocked() async throws {
        let found = try await events(
            .loopBlocked,
            """
            def pause():
                time.sleep(0.6)
            async def handler(event, context):
                pause()
                return 1
            """
        )
        #expect(found.map(\.site?.line.description) == ["handler.py:3"])
        let event = try #require(found.first)
        #expect(event.detail == "time" && event.ordinal == 0 && event.phase == .invocation && event.loop != nil)
        #expect(event.value > 250_000_000 && event.value < 700_000_000)
    }

    @Test("is told also when its time is up, even if it never comes back to the interpreter")
    func timedOut() async throws {
        let found = try await events(
            .loopBlocked,
            """
            async def handler(event, context):
                hashlib.pbkdf2_hmac("sha256", b"a", b"b", 1000000000)
            """,
            outcome: .timeout
        ) { $0.timeout = .milliseconds(1500) }
        #expect(found.map(\.site?.line.description) == ["handler.py:3"])
        #expect(found.first?.detail == "computing")
        #expect(found.first.map { $0.value > 1_000_000_000 } == true)
    }

    private static let innocentHandlers: [(String, String)] = [
        ("without a loop", "def handler(event, context): time.sleep(0.6)"),
        ("before a loop runs", "def handler(event, context):\n    time.sleep(0.6); asyncio.run(asyncio.sleep(0))"),
        ("while its loop idles", "async def handler(event, context): await asyncio.sleep(0.6)"),
        (
            "while its loop is busy and turns",
            """
            async def handler(event, context):
                until = time.monotonic() + 1
                while time.monotonic() < until:
                    sum(range(10000))
                    await asyncio.sleep(0)
            """
        ),
        (
            "when another thread blocks",
            """
            async def handler(event, context):
                await asyncio.get_running_loop().run_in_executor(None, time.sleep, 0.6)
            """
        ),
        (
            "when another thread computes and has the global lock half of the time",
            """
            def compute():
                until = time.monotonic() + 1
                while time.monotonic() < until: pass
            async def handler(event, context):
                threading.Thread(target=compute).start()
                until = time.monotonic() + 1
                while time.monotonic() < until:
                    sum(range(10000))
                    await asyncio.sleep(0)
            """
        ),
        (
            "when it blocks for less than the threshold again and again",
            """
            async def handler(event, context):
                for _ in range(8):
                    time.sleep(0.1)
                    await asyncio.sleep(0.05)
            """
        ),
        (
            "while it waits for a loop in another thread",
            """
            loop = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, daemon=True).start()
            def handler(event, context):
                asyncio.run_coroutine_threadsafe(asyncio.sleep(0.6), loop).result()
            """
        ),
        (
            "while a selector of another kind idles",
            """
            import selectors
            def handler(event, context):
                loop = asyncio.SelectorEventLoop(selectors.PollSelector())
                loop.run_until_complete(asyncio.sleep(0.6))
                loop.close()
            """
        ),
        (
            "while modules are imported",
            """
            async def handler(event, context):
                with open("slow.py", "w") as file: file.write("import time; time.sleep(0.6)")
                import slow
            """
        ),
    ]

    @Test("is left alone", arguments: innocentHandlers)
    func leftAlone(_ name: String, _ code: String) async throws {
        let found = try await events(.loopBlocked, code)
        #expect(found.isEmpty, "\(found.map { "\($0.site?.line.description ?? "") \($0.detail ?? "")" })")
    }

    @Test("is not blamed for the time in which it was stopped")
    func frozen() async throws {
        let found = try await events(
            .loopBlocked,
            """
            async def handler(event, context):
                helper = subprocess.Popen(["sh", "-c", "sleep 0.05; kill -STOP $0; sleep 0.7; kill -CONT $0", str(os.getpid())])
                until = time.monotonic() + 0.2
                while time.monotonic() < until: pass
                await asyncio.sleep(0.5)
                helper.wait()
            """
        )
        #expect(found.isEmpty)
    }

    @Test("that has closed every descriptor it could is blocked and not harmed")
    func closedDescriptors() async throws {
        let found = try await events(
            .loopBlocked,
            """
            async def handler(event, context):
                link = [d for d in os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd/" + d)
                        and os.readlink("/proc/self/fd/" + d).endswith("/stacks")]
                os.close(int(link[0]))
                own = os.open("mine", os.O_RDWR | os.O_CREAT)
                os.dup2(own, int(link[0]))
                time.sleep(0.6)
                return os.fstat(own).st_size == 0 or 1 / 0
            """
        )
        #expect(found.isEmpty)
    }

    @Test("that has put signals back to where they end the process is not asked")
    func noHandlers() async throws {
        let found = try await events(
            .loopBlocked,
            """
            async def handler(event, context):
                for number in range(34, 65):
                    signal.signal(number, signal.SIG_DFL)
                time.sleep(0.6)
            """
        )
        #expect(found.isEmpty)
    }

    @Test("is asked what its tasks wait for when its time is nearly up")
    func pending() async throws {
        let found = try await events(
            .awaitPending,
            """
            async def answer(event):
                await event.wait()
            async def handler(event, context):
                never = asyncio.Event()
                await asyncio.gather(answer(never), answer(never))
            """,
            outcome: .timeout
        ) { $0.timeout = .seconds(1) }
        #expect(found.count == 3)
        #expect(Set(found.map(\.site?.line.description)) == ["handler.py:3", "handler.py:6"])
        #expect(found.filter { $0.flags.contains(.waitsForTasks) }.map(\.site?.line.line) == [6])
    }
}
