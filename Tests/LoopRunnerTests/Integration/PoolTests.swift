import Logging
import LoopModel
import LoopOS
import LoopRunner
import NIOCore
import NIOPosix
import Testing

@Suite("The runner", .timeLimit(.minutes(2))) struct PoolTests {
    private static let echo = "def handler(event, context): return event"
    /// Waits until the test makes the file `go`, after having made a file of its own that says it runs.
    private static let gated = """
        import os, time
        def handler(event, context):
            folder = os.environ['TEST_FOLDER']
            open(folder + '/running-' + context.aws_request_id, 'w').close()
            while not os.path.exists(folder + '/go'): time.sleep(0.002)
            return os.getpid()
        """

    @Test("starts anew when the handler's file was changed on disk, and when it is gone")
    func handlerChange() async throws {
        try await RunnerHarness.run { harness in
            let plugin = try await harness.plugin("test", "def handler(e, c): return 1") {
                $0.source = $0.root + "/plugin.yaml"
            }
            #expect(try await harness.invoke().text == "1")
            #expect(try await harness.invoke().record.isCold == false)
            try File.write("def handler(e, c): return 22".utf8, to: plugin.root + "/handler.py")
            let changed = try await harness.invoke()
            #expect(changed.text == "22" && changed.record.cause == .codeChange)
            try File.remove(plugin.root + "/handler.py")
            #expect(try await harness.invoke().record.errorType == "Runtime.ImportModuleError")
            try File.write("def handler(e, c): return 333".utf8, to: plugin.root + "/handler.py")
            #expect(try await harness.invoke().text == "333")
        }
    }

    @Test("starts anew when a module of the plugin was changed on disk")
    func codeChange() async throws {
        try await RunnerHarness.run { harness in
            let plugin = try await harness.plugin("test", "import helper\ndef handler(e, c): return helper.value")
            try File.write("value = 'one'".utf8, to: plugin.root + "/helper.py")
            #expect(try await harness.invoke().text == #""one""#)
            #expect(try await harness.invoke().record.isCold == false)
            try File.write("value = 'second'".utf8, to: plugin.root + "/helper.py")
            let changed = try await harness.invoke()
            #expect(changed.text == #""second""#)
            #expect(changed.record.isCold && changed.record.cause == .codeChange)
            #expect(harness.log.ended.map(\.end) == ["code change"])
            #expect(try await harness.invoke().record.isCold == false)
        }
    }

    @Test("starts a new environment on request and keeps the other")
    func requested() async throws {
        try await RunnerHarness.run { harness in
            try await harness.plugin("test", Self.echo)
            let first = try await harness.invoke()
            let second = try await harness.invoke(isCold: true)
            #expect(second.record.isCold && second.record.cause == .requested)
            #expect(second.record.environment != first.record.environment)
            #expect(harness.log.ended.isEmpty)
        }
    }

    @Test("ends what was idle for its keep-alive, and says so at the next cold start")
    func reaped() async throws {
        try await RunnerHarness.run { harness in
            try await harness.plugin("test", Self.echo) { $0.keepAlive = .milliseconds(20) }
            _ = try await harness.invoke()
            while harness.log.ended.isEmpty { await Task.yield() }
            let answer = try await harness.invoke()
            #expect(answer.record.cause == .idleReaped)
            #expect(harness.log.ended.first?.end == "idle reaped")
            // The worker was asked to end and told what it saw last.
            let events = harness.log.ended.first.flatMap { harness.log.events[$0.id] } ?? []
            #expect(events.contains { $0.phase == .shutdown })
        }
    }

    @Test("scales out, makes the next wait, rejects the one after, and lets nobody run twice")
    func scaleOut() async throws {
        try await RunnerHarness.run { harness in
            try await harness.plugin("test", Self.gated) {
                $0.concurrency = 2
                $0.queue = 1
            }
            try await withThrowingTaskGroup(of: Result<InvocationAnswer, InvocationRejection>.self) { group in
                for count in 1...3 {
                    group.addTask { .success(try await harness.invoke()) }
                    while await Self.load(harness) < count { await Task.yield() }
                }
                await #expect(throws: InvocationRejection.queueFull(FunctionName(sanitizing: "test"), limit: 1)) {
                    try await harness.invoke()
                }
                try File.write([], to: harness.folder + "/go")
                var answers: [InvocationAnswer] = []
                for try await result in group { answers.append(try result.get()) }
                #expect(Set(answers.map(\.text)).count == 2)
                #expect(answers.compactMap(\.record.cause).sorted { $0.rawValue < $1.rawValue } == [.first, .scaleOut])
                #expect(answers.count { $0.record.queued > .zero } >= 1)
            }
            #expect(harness.log.invocations.map(\.outcome).filter { $0 == .rejected }.count == 1)
        }
    }

    /// Invocations that have an environment or wait for one.
    private static func load(_ harness: RunnerHarness) async -> Int {
        let function = await harness.runner.status().functions.first
        return (function?.waiting ?? 0) + (function?.environments.count { $0.invocation != nil } ?? 0)
    }

    @Test("serves many at once, each exactly once, with the right answer")
    func load() async throws {
        try await RunnerHarness.run { harness in
            try await harness.plugin("test", Self.echo) { $0.concurrency = 3 }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<300 {
                    group.addTask {
                        let answer = try await harness.invoke("test", "{\"n\": \(number)}")
                        #expect(answer.text == "{\"n\": \(number)}")
                    }
                }
                try await group.waitForAll()
            }
            let log = harness.log
            #expect(log.invocations.count == 300)
            #expect(log.environments.count <= 3)
            let places = log.invocations.map { "\($0.environment?.rawValue ?? "") \($0.ordinal ?? -1)" }
            #expect(Set(places).count == 300)
        }
    }

    @Test("cuts off at the end of its grace who still runs, as killed, and rejects who waits")
    func shutdown() async throws {
        try await RunnerHarness.run { harness in
            try await harness.plugin("test", Self.gated) {
                $0.concurrency = 1
                $0.timeout = .seconds(60)
            }
            try await withThrowingTaskGroup(of: InvocationAnswer.self) { group in
                group.addTask { try await harness.invoke() }
                while await harness.runner.status().functions.first?.environments.first?.state != .invoking {
                    await Task.yield()
                }
                let waiting = Task { try await harness.invoke() }
                while await Self.load(harness) < 2 { await Task.yield() }
                await harness.runner.shutdown(grace: .zero)
                await #expect(throws: InvocationRejection.shuttingDown) { try await waiting.value }
                for try await answer in group {
                    #expect(answer.record.outcome == .killed)
                    #expect(answer.text.contains("shut down"))
                }
            }
            await #expect(throws: InvocationRejection.shuttingDown) { try await harness.invoke() }
        }
    }

    @Test("replaces the environments of a function that is registered anew, and ends those of one that is removed")
    func functions() async throws {
        try await RunnerHarness.run { harness in
            var plugin = try await harness.plugin("test", "import os\ndef handler(e, c): return os.environ['WHO']") {
                $0.environment["WHO"] = "one"
            }
            #expect(try await harness.invoke().text == #""one""#)
            plugin.environment["WHO"] = "two"
            await harness.runner.register(plugin)
            let answer = try await harness.invoke()
            #expect(answer.text == #""two""# && answer.record.cause == .codeChange)
            await harness.runner.register(plugin)
            #expect(try await harness.invoke().record.isCold == false)
            await harness.runner.remove(plugin.name)
            await #expect(throws: InvocationRejection.unknownFunction(plugin.name)) { try await harness.invoke() }
            while harness.log.ended.count < 2 { await Task.yield() }
            #expect(Set(harness.log.ended.map(\.end)) == ["function replaced", "function removed"])
        }
    }

    @Test("does not answer with what could not be stored")
    func notRecorded() async throws {
        struct DiskFull: Error {}
        try await RunnerHarness.run(failure: DiskFull()) { harness in
            try await harness.plugin("test", Self.echo)
            await #expect {
                try await harness.invoke()
            } throws: {
                if case InvocationRejection.notRecorded = $0 { true } else { false }
            }
        }
    }

    @Test("refuses an event that is too large, and takes the largest that is not")
    func payloads() async throws {
        try await RunnerHarness.run { harness in
            try await harness.plugin("test", "def handler(event, context): return len(event)")
            let largest = "\"" + String(repeating: "x", count: InvocationLimits.payload - 2) + "\""
            #expect(try await harness.invoke("test", largest).text == "\(InvocationLimits.payload - 2)")
            await #expect(throws: InvocationRejection.payloadTooLarge(InvocationLimits.payload + 1)) {
                try await harness.invoke("test", largest + " ")
            }
        }
    }

    @Test("gives handlers Lambda's environment and nothing of the daemon's own")
    func variables() async throws {
        try await RunnerHarness.run { harness in
            try await harness.plugin("test", "import os\ndef handler(e, c): return dict(os.environ, cwd=os.getcwd())") {
                $0.environment["MINE"] = "yes"
                $0.memory = 512
            }
            let text = try await harness.invoke().text
            for part in [
                #""AWS_LAMBDA_FUNCTION_NAME": "test""#, #""AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512""#,
                #""AWS_EXECUTION_ENV": "AWS_Lambda_python3"#, #""_HANDLER": "handler.handler""#, #""TZ": ":UTC""#,
                #""MINE": "yes""#, #""cwd": "\#(harness.folder)/test""#,
            ] { #expect(text.contains(part), "\(part)") }
            #expect(!text.contains("LOOPWARDEN_TOKEN") && !text.contains("LOOPWARDEN_CHANNEL"))
        }
    }

    @Test("gives a stranger on the workers' socket nothing, and lives on")
    func strangers() async throws {
        try await RunnerHarness.run { harness in
            try await harness.plugin("test", Self.echo)
            let path = harness.folder + "/workers"
            let soon = MonotonicClock.nanoseconds() + 10_000_000_000
            let messages: [[UInt8]] = [
                Array("GET / HTTP/1.1\r\n\r\n".utf8), [0, 0, 0, 0, 0], [255, 255, 255, 255, 0x81],
                [3, 0, 0, 0, 0x81, 0x7B, 0x7D], [2, 0, 0, 0, 0x84, 0],
                Self.hello(token: String(repeating: "0", count: 32)),
            ]
            for message in messages {
                let stream = try UnixStream(path: path, by: soon)
                try stream.write(message, by: soon)
                #expect(try stream.read(by: soon) == [])
            }
            #expect(try await harness.invoke().record.outcome == .ok)
        }
    }

    private static func hello(token: String) -> [UInt8] {
        let json = Array(#"{"protocol":1,"token":"\#(token)","pid":1,"python":"3.11.7"}"#.utf8)
        return [UInt8(json.count + 1), 0, 0, 0, 0x81] + json
    }

    @Test("ends what a daemon that was killed has left, and touches nothing else")
    func leftovers() async throws {
        let folder = "/tmp/lw-\(UInt32.random(in: 0 ... .max))"
        try Folder.make(folder)
        defer { try? Folder.removeAll(folder) }
        let id = EnvironmentID.random()
        try Folder.make(folder + "/environments")
        try Folder.make(folder + "/environments/\(id)")
        let mine = try await Self.sleeper(ProcessFamily(name: id.rawValue))
        let others = try await Self.sleeper(ProcessFamily(name: "other \(UInt64.random(in: 0 ... .max))"))
        let eventLoop = RunnerHarness.group.next()
        let runner = try Runner(
            folder: folder,
            eventLoop: eventLoop,
            observer: RecordingObserver(eventLoop: eventLoop),
            logger: .init(label: "test")
        )
        try await runner.start()
        #expect(mine.isEnding)
        #expect(!others.isEnding)
        #expect(try Folder.entries(of: folder + "/environments") == [])
        others.kill()
        await runner.shutdown(grace: .zero)
    }

    private static func sleeper(_ family: ProcessFamily) async throws -> ChildProcess {
        let launch = ProcessLaunch(
            executable: "/bin/sleep",
            arguments: ["sleep", "600"],
            environment: [:],
            directory: "/",
            family: family
        )
        return try await withCheckedContinuation { continuation in
            Spawner.shared.spawn(launch) { continuation.resume(returning: $0) }
        }.get()
    }
}
