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
}
