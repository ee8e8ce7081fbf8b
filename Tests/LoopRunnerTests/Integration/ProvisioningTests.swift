import LoopModel
import LoopOS
import LoopRunner
import NIOCore
import Testing

@Suite("Environments that are kept ready", .timeLimit(.minutes(2))) struct ProvisioningTests {
    private static let echo =
        "import os\ndef handler(event, context): return os.environ['AWS_LAMBDA_INITIALIZATION_TYPE']"
    private static let name = FunctionName(sanitizing: "test")

    private func status(_ harness: RunnerHarness) async -> ProvisioningStatus? {
        await harness.runner.status().provisioned[Self.name]
    }

    private func wait(for state: ProvisioningStatus.State, _ harness: RunnerHarness) async -> ProvisioningStatus? {
        while await status(harness)?.state != state { await Task.yield() }
        return await status(harness)
    }

    @Test("are there before the first invocation, which is cold and has not waited for them")
    func ready() async throws {
        try await RunnerHarness.run { harness in
            try await harness.plugin("test", Self.echo) { $0.provisionedConcurrency = 2 }
            #expect(await wait(for: .ready, harness)?.available == 2)
            #expect(harness.log.environments.values.allSatisfy { $0.cause == .provisioned })
            let first = try await harness.invoke()
            #expect(first.text == #""provisioned-concurrency""#)
            #expect(first.record.isCold && first.record.cause == .provisioned && first.record.ordinal == 0)
            #expect(first.record.initialization == nil)
            // What the probe saw of the init was handed on before anybody asked.
            #expect(harness.log.events.values.allSatisfy { $0.contains { $0.phase == .initialization } })
            let onDemand = try await harness.invoke(isCold: true)
            #expect(onDemand.text == #""on-demand""# && onDemand.record.initialization != nil)
        }
    }

    @Test("leave nothing behind when the daemon ends while they are being started")
    func shutdownMeanwhile() async throws {
        try await RunnerHarness.run { harness in
            try await harness.plugin("test", "import time\ntime.sleep(60)\n" + Self.echo) {
                $0.provisionedConcurrency = 3
            }
            #expect(await harness.runner.status().functions.first?.environments.count == 3)
        }
    }

    @Test("end with their function, and are replaced when it is configured anew")
    func function() async throws {
        try await RunnerHarness.run { harness in
            var configuration = try await harness.plugin("test", Self.echo) { $0.provisionedConcurrency = 1 }
            _ = await wait(for: .ready, harness)
            configuration.memory = 256
            await harness.runner.register(configuration)
            #expect(await status(harness)?.state == .inProgress)
            _ = await wait(for: .ready, harness)
            await harness.runner.remove(Self.name)
            while harness.log.ended.count < 2 { await Task.yield() }
            #expect(harness.log.ended.map(\.end) == ["function replaced", "function removed"])
            #expect(harness.log.environments.count == 2)
        }
    }

    @Test("are told of with the reason where the handler cannot be loaded, and are not tried again and again")
    func failed() async throws {
        try await RunnerHarness.run { harness in
            try await harness.plugin("test", "raise ValueError('no good')") { $0.provisionedConcurrency = 2 }
            #expect(await wait(for: .failed, harness)?.reason == "ValueError: no good")
            while !(await harness.runner.status().functions.flatMap(\.environments).isEmpty) { await Task.yield() }
            #expect(harness.log.environments.count == 2)
        }
    }

    @Test("cannot be more than the function may have at once")
    func tooMany() async throws {
        try await RunnerHarness.run { harness in
            try await harness.plugin("test", Self.echo) { $0.concurrency = 2 }
            let unknown = FunctionName(sanitizing: "nobody")
            await #expect(throws: ProvisioningFailure.unknownFunction(unknown)) {
                try await harness.runner.provision(unknown, 1)
            }
            await #expect(throws: ProvisioningFailure.overConcurrency(Self.name, 3, limit: 2, isReserved: false)) {
                try await harness.runner.provision(Self.name, 3)
            }
            #expect(await status(harness) == nil)
            try await harness.runner.provision(Self.name, 2)
            _ = await wait(for: .ready, harness)
            try await harness.runner.provision(Self.name, nil)
            #expect(await status(harness) == nil)
        }
    }

    @Test("are frozen as all others, where the function is")
    func frozen() async throws {
        try await RunnerHarness.run { harness in
            try await harness.plugin("test", Self.echo) {
                $0.provisionedConcurrency = 1
                $0.freezes = true
            }
            while await harness.runner.status().functions.first?.environments.first?.state != .frozen {
                await Task.yield()
            }
            #expect(try await harness.invoke().record.outcome == .ok)
        }
    }

    @Test("an account's limit throttles what goes beyond it, over all functions")
    func account() async throws {
        try await RunnerHarness.run { harness in
            let gated = """
                import os, time
                def handler(event, context):
                    while not os.path.exists(os.environ['TEST_FOLDER'] + '/go'): time.sleep(0.002)
                """
            try await harness.plugin("test", gated)
            try await harness.plugin("other", Self.echo)
            await harness.runner.limit(concurrency: 1)
            try await withThrowingTaskGroup(of: InvocationAnswer.self) { group in
                group.addTask { try await harness.invoke() }
                while harness.log.started.isEmpty { await Task.yield() }
                await #expect(throws: InvocationRejection.accountConcurrencyReached(limit: 1)) {
                    try await harness.invoke("other")
                }
                await harness.runner.limit(concurrency: 2)
                #expect(try await harness.invoke("other").record.outcome == .ok)
                try File.write([], to: harness.folder + "/go")
                for try await answer in group { #expect(answer.record.outcome == .ok) }
            }
            #expect(harness.log.invocations.count { $0.outcome == .rejected } == 1)
        }
    }
}
