import LoopModel
import Testing

@Suite("The delivery of an event")
struct EventDeliveryTests {
    private func event(tries: Int = 0) throws -> QueuedEvent {
        let name = try #require(FunctionName(rawValue: "orders"))
        var event = QueuedEvent(
            id: InvocationID(rawValue: "id"),
            function: name,
            payload: "{}",
            requestedAt: WallTime(nanoseconds: 0)
        )
        event.tries = tries
        return event
    }

    private func seconds(_ seconds: Double) -> WallTime { WallTime(nanoseconds: Int64(seconds * 1e9)) }

    private func due(_ decision: EventDelivery.Decision) -> (tries: Int, at: WallTime)? {
        if case .retry(let event) = decision { (event.tries, event.dueAt) } else { nil }
    }

    @Test("is over when the function has taken it")
    func success() throws {
        #expect(
            try EventDelivery(EventPolicy()).decision(on: event(), after: .succeeded, at: seconds(1))
                == .conclude(.success)
        )
    }

    @Test("is tried again after one and two minutes when the function fails, and then given up")
    func failures() throws {
        let delivery = EventDelivery(EventPolicy())
        let first = try #require(due(delivery.decision(on: event(), after: .failed, at: seconds(5))))
        #expect(first == (1, seconds(65)))
        let second = try #require(due(delivery.decision(on: event(tries: 1), after: .failed, at: seconds(70))))
        #expect(second == (2, seconds(190)))
        #expect(
            try delivery.decision(on: event(tries: 2), after: .failed, at: seconds(200)) == .conclude(.retriesExhausted)
        )
        var policy = EventPolicy()
        policy.retries = 0
        let none = EventDelivery(policy)
        #expect(try none.decision(on: event(), after: .failed, at: seconds(1)) == .conclude(.retriesExhausted))
    }

    @Test(
        "waits longer and longer where no environment is free, which counts as no try",
        arguments: [
            (0.0, 1.0), (1, 1), (2, 2), (64, 64), (299, 299), (5000, 300),
        ]
    )
    func throttling(_ age: Double, _ pause: Double) throws {
        let delivery = EventDelivery(EventPolicy())
        for result in [EventDelivery.Result.throttled, .interrupted] {
            let next = try #require(due(delivery.decision(on: event(), after: result, at: seconds(age))))
            #expect(next == (0, seconds(age + pause)))
        }
    }

    @Test("ends when the event is too old for another try")
    func age() throws {
        var policy = EventPolicy()
        policy.maximumAge = .seconds(90)
        let delivery = EventDelivery(policy)
        #expect(try due(delivery.decision(on: event(), after: .failed, at: seconds(30)))?.tries == 1)
        #expect(try delivery.decision(on: event(), after: .failed, at: seconds(31)) == .conclude(.eventAgeExceeded))
        #expect(try !delivery.isTooOld(event(), at: seconds(90)))
        #expect(try delivery.isTooOld(event(), at: seconds(90.1)))
    }

    @Test("ends at once where the function takes nothing")
    func refused() throws {
        let decision = try EventDelivery(EventPolicy()).decision(on: event(), after: .refused, at: seconds(1))
        #expect(decision == .conclude(.zeroReservedConcurrency))
    }

    @Test("can be told to hurry")
    func pace() throws {
        let next = try #require(
            due(EventDelivery(EventPolicy(), pace: 0.01).decision(on: event(), after: .failed, at: seconds(1)))
        )
        #expect(next.at == seconds(1.6))
    }
}
