/// Takes the answer to one request.
struct Responder: Sendable {
    typealias Answer = @Sendable () -> HTTPAnswer

    private let take: @Sendable (@escaping Answer) -> Void
    private let perform: @Sendable (@escaping @Sendable () async -> Void) -> Void

    /// - Parameters:
    ///   - take: sends what the closure returns; may be called on any thread.
    ///   - perform: does work in a task of the server's.
    init(
        take: @escaping @Sendable (@escaping Answer) -> Void,
        perform: @escaping @Sendable (@escaping @Sendable () async -> Void) -> Void
    ) {
        self.take = take
        self.perform = perform
    }

    /// To be called once, on any thread; a client that is gone by then gets nothing.
    ///
    /// - Parameter answer: is made on the server's event loop.
    func send(_ answer: @autoclosure @escaping Answer) { take(answer) }

    /// Has the answer made by a task: for what has to wait, and comes seldom enough to afford one.
    func answer(by making: @escaping @Sendable () async -> HTTPAnswer) {
        perform {
            let answer = await making()
            take { answer }
        }
    }
}
