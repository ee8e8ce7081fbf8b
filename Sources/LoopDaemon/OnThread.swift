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
