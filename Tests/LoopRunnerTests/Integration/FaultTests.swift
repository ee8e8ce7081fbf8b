import LoopModel
import LoopOS
import LoopRunner
import Testing

@Suite("An invocation with a fault", .timeLimit(.minutes(2))) struct FaultTests {
    private static let waits = """
        import asyncio
        async def handler(event, context):
            await asyncio.sleep(0.001)
            await asyncio.sleep(0.001)
            return "well"
        """

    @Test("fails where it waits, and says that it was made to")
    func exception() async throws {
        try await RunnerHarness.run { harness in
            try await harness.plugin("test", Self.waits)
            #expect(try await harness.invoke().text == #""well""#)
            let failed = try await harness.invoke(fault: InvocationFault(.exception, at: 2))
            #expect(failed.wasFaultApplied && failed.record.outcome == .error)
            #expect(failed.record.errorType == "ConnectionResetError")
            #expect(failed.record.errorMessage?.contains("injected by Loopwarden") == true)
            #expect(failed.record.stackTrace?.contains("line 4, in handler") == true)
            let warm = try await harness.invoke()
            #expect(warm.record.outcome == .ok && !warm.record.isCold && !warm.wasFaultApplied)
            #expect(warm.record.ordinal == 2)
            let beyond = try await harness.invoke(fault: InvocationFault(.exception, at: 3))
            #expect(beyond.record.outcome == .ok && !beyond.wasFaultApplied)
        }
    }

    @Test("is cancelled, and the environment lives on")
    func cancellation() async throws {
        try await RunnerHarness.run { harness in
            try await harness.plugin("test", Self.waits)
            let failed = try await harness.invoke(fault: InvocationFault(.cancellation))
            #expect(failed.wasFaultApplied && failed.record.outcome == .error)
            #expect(failed.record.errorType == "CancelledError")
            let warm = try await harness.invoke()
            #expect(warm.record.outcome == .ok && !warm.record.isCold)
        }
    }

    @Test("hangs until its time is up, which is soon, and the next is cold because of it", arguments: [false, true])
    func hang(isSynchronous: Bool) async throws {
        try await RunnerHarness.run { harness in
            let code = isSynchronous ? "def handler(event, context):\n    return 1" : Self.waits
            try await harness.plugin("test", code) { $0.timeout = .seconds(20) }
            _ = try await harness.invoke()
            let clock = ContinuousClock()
            let begun = clock.now
            let hung = try await harness.invoke(fault: InvocationFault(.hang))
            #expect(clock.now - begun < .seconds(10))
            #expect(hung.wasFaultApplied && hung.record.outcome == .timeout)
            #expect(hung.record.errorType == "Sandbox.Timedout")
            let next = try await harness.invoke()
            #expect(next.record.outcome == .ok && next.record.isCold && next.record.cause == .timeout)
        }
    }

    @Test("without one, a cancellation that comes out of the handler ends the process")
    func ordinaryCancellation() async throws {
        try await RunnerHarness.run { harness in
            try await harness.plugin(
                "test",
                """
                import asyncio
                async def handler(event, context):
                    raise asyncio.CancelledError
                """
            )
            let crashed = try await harness.invoke()
            #expect(crashed.record.outcome == .crashed && !crashed.wasFaultApplied)
        }
    }

    @Test("comes after time that nobody waited for, where the function simulates it", arguments: [true, false])
    func idle(simulates: Bool) async throws {
        try await RunnerHarness.run { harness in
            try await harness.plugin(
                "test",
                "import time\ndef handler(event, context):\n    return int(time.monotonic())"
            ) { $0.simulatesIdle = simulates }
            let before = try #require(Int(try await harness.invoke().text))
            let after = try await harness.invoke(idle: .seconds(86_400))
            let passed = try #require(Int(after.text)) - before
            #expect(simulates ? passed >= 86_400 : passed < 60)
            #expect(!after.record.isCold && after.record.duration < .seconds(60))
            let events = harness.log.events.values.joined()
            let now = MonotonicClock.nanoseconds()
            #expect(!events.isEmpty && events.allSatisfy { $0.at.nanoseconds <= now })
        }
    }
}
