import LoopOS

/// Does work that blocks on a thread of its own, and returns what it returned: for what is asked for seldom.
///
/// - Throws: What `body` throws, or that the system has no thread left.
func onThread<Result: Sendable>(
    named name: String,
    _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Result, any Error>) in
        do {
            try PosixThread.start(named: name) { continuation.resume(with: Swift.Result(catching: body)) }
        } catch {
            continuation.resume(throwing: error)
        }
    }
}

extension WorkThread {
    /// Does work that blocks when its turn comes, and returns what it returned.
    ///
    /// - Throws: What `work` throws, or that the thread takes no more.
    func perform<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Result, any Error>) in
            let isTaken = run { continuation.resume(with: Swift.Result(catching: work)) }
            if !isTaken { continuation.resume(throwing: CancellationError()) }
        }
    }
}
