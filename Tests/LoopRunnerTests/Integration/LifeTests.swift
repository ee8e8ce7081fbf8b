import LoopModel
import LoopOS
import LoopRunner
import Testing

@Suite("An environment with a real CPython", .timeLimit(.minutes(2))) struct LifeTests {
    @Test("is cold once and warm from then on, with its events in order")
    func coldThenWarm() async throws {
        try await RunnerHarness.run { harness in
            try await harness.plugin(
                "test",
                """
                import asyncio, os
                count = 0
                async def work():
                    return count
                def handler(event, context):
                    global count
                    count += 1
                    print("hello", count)
                    return {"event": event, "count": asyncio.new_event_loop().run_until_complete(work()),
                            "name": context.function_name, "id": context.aws_request_id}
                """
            ) { $0.host = .bare }
            let cold = try await harness.invoke("test", #"{"a": 1}"#)
            #expect(cold.record.outcome == .ok, "\(cold.text) \(cold.record.logTail)")
            #expect(cold.record.isCold && cold.record.cause == .first && cold.record.ordinal == 0)
            #expect(cold.record.initialization != nil && cold.record.duration > .zero)
            #expect(cold.record.logTail == "hello 1\n")
            #expect(cold.text.contains(#""count": 1"#) && cold.text.contains(cold.record.id.rawValue))
            let warm = try await harness.invoke()
            #expect(!warm.record.isCold && warm.record.cause == nil && warm.record.ordinal == 1)
            #expect(warm.record.environment == cold.record.environment)
            #expect(warm.record.initialization == nil)
            #expect(warm.record.logTail == "hello 2\n")
            let status = await harness.runner.status()
            #expect(status.functions.first?.environments.map(\.state) == [.idle])
            #expect(status.functions.first?.environments.first?.served == 2)
            let events = harness.log.events.values.first ?? []
            #expect(events.contains { $0.kind == .created && $0.ordinal == 0 && $0.site?.isUserCode == true })
            #expect(events.contains { $0.kind == .openAtEnd && $0.ordinal == 1 })
        }
    }

    @Test("takes a folder that was made ahead, which is like any other")
    func folderAhead() async throws {
        try await RunnerHarness.run { harness in
            try await harness.plugin(
                "test",
                """
                import asyncio, os, tempfile
                async def handler(event, context):
                    folder = tempfile.gettempdir()
                    open(os.path.join(folder, "mine"), "x").close()
                    return folder == os.environ["TMPDIR"], os.listdir(folder)
                """
            )
            var kinds: [[LoopEvent.Kind]] = []
            var ahead: Set<String> = []
            for number in 0..<2 {
                let answer = try await harness.invoke(isCold: true)
                #expect(answer.text == #"[true, ["mine"]]"#, "\(answer.record.logTail)")
                let environment = try #require(answer.record.environment)
                #expect(ahead.contains(environment.rawValue) == (number == 1))
                kinds.append(harness.log.events[environment, default: []].map(\.kind))
                while ahead.count < 2 {
                    ahead = Set(try Folder.entries(of: harness.folder + "/environments"))
                    try await Task.sleep(for: .milliseconds(50))
                }
            }
            #expect(!kinds[0].isEmpty && kinds[0] == kinds[1])
        }
    }

    @Test("works the same on every CPython that is installed, on every host")
    func everyPython() async throws {
        let locator = InterpreterLocator(environment: ThisProcess.environment)
        let found = locator.allInstalled().filter { $0.version >= .oldest }
        #expect(!found.isEmpty)
        try await RunnerHarness.run { harness in
            for (index, interpreter) in found.enumerated() {
                for host in HostProfile.engines {
                    let name = "python-\(index)-\(host)"
                    try await harness.plugin(
                        name,
                        """
                        import asyncio, sys
                        async def handler(event, context):
                            await asyncio.sleep(0)
                            return sys.version.split()[0]
                        """
                    ) {
                        $0.python = interpreter.path
                        $0.host = host
                    }
                    for ordinal in 0..<3 {
                        let answer = try await harness.invoke(name)
                        #expect(answer.text == "\"\(interpreter.version)\"", "\(answer.record.logTail)")
                        #expect(answer.record.ordinal == ordinal && answer.record.isCold == (ordinal == 0))
                    }
                    let record = harness.log.environments.values.first { $0.function.rawValue == name }
                    #expect(record?.pythonVersion == "\(interpreter.version)")
                    #expect(record?.descriptorLimit == 1024)
                    #expect((record?.descriptorsAtReady ?? 0) > 2)
                }
            }
        }
    }

    @Test("has its descendants found while it lives: the check that none is left is not empty")
    func descendants() async throws {
        try await RunnerHarness.run { harness in
            try await harness.plugin(
                "test",
                """
                import os, subprocess
                def handler(event, context):
                    child = subprocess.Popen(['setsid', 'sleep', '600'], env={'PATH': os.environ['PATH']})
                    return child.pid
                """
            )
            let answer = try await harness.invoke()
            let family = ProcessFamily(name: answer.record.environment?.rawValue ?? "")
            #expect(Set(family.members()).isSuperset(of: [try #require(Int32(answer.text))]))
            #expect(family.members().count == 2)
        }
    }

    @Test("takes no descriptor and no thread of the daemon with it when it ends")
    func flat() async {
        // In a process of its own, where no other test opens anything.
        await #expect(processExitsWith: .success) {
            try await RunnerHarness.run { harness in
                try await harness.plugin("test", "def handler(event, context): return event") { $0.concurrency = 1 }
                var descriptors: [Int] = []
                var threads: [Int] = []
                for _ in 0..<16 {
                    _ = try await harness.invoke(isCold: true)
                    _ = try await harness.invoke()
                    descriptors.append(Descriptor.countOpen() ?? 0)
                    threads.append(try Folder.entries(of: "/proc/self/task").count)
                }
                // The least of each half: at any moment a folder may be open to be removed, and the language's own pool
                // starts threads at first. What is lost with each environment raises the later half by eight.
                for counts in [descriptors, threads] {
                    #expect((counts.suffix(8).min() ?? 0) <= (counts.prefix(8).min() ?? 0) + 2, "\(counts)")
                }
            }
        }
    }
}
