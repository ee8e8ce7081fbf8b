/// Wakes one who waits; a ring that nobody waits for is heard by the next who does.
final class Bell: Sendable {
    private let rings: AsyncStream<Void>
    private let rope: AsyncStream<Void>.Continuation

    init() { (rings, rope) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    func ring() { rope.yield() }

    /// Waits for a ring.
    func heard() async { for await _ in rings { return } }
}
