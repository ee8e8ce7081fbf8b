internal import LoopModel

/// What is known of the memory of an environment.
struct EnvironmentMemory {
    /// The most that it may hold, in bytes; nil: as much as there is.
    var limit: Int?
    /// Whether the daemon itself sees to the limit, because the kernel does not.
    var isWatched = false
    /// The most that it has held as far as anybody has looked, in bytes; 0: nobody has.
    var peak = 0
    /// How long it has served since somebody looked.
    var unseen = Duration.zero
    /// Whether it was killed because it held more than ``limit``.
    var isExceeded = false

    /// Whether it is worth a look after an invocation that took so long.
    ///
    /// A look costs some 15 µs. Memory is had at some 10 GB a second: an invocation that is passed over cannot have
    /// taken more than some 50 MB, and what it has taken is seen soon.
    mutating func isDue(after duration: Duration) -> Bool {
        unseen += duration
        return peak == 0 || isWatched || unseen >= .milliseconds(10) || duration >= .milliseconds(5)
    }

    /// Takes in what was seen.
    mutating func saw(_ bytes: Int) {
        peak = max(peak, bytes)
        unseen = .zero
    }

    /// What an operator is shown as the end of an environment that was killed; nil: it was not.
    var end: String? { isExceeded ? limit.map { "memory limit (\($0 >> 20) MB)" } : nil }
}

extension RunningEnvironment {
    /// What the next cold start is because of, as ``EnvironmentEnd/cause(wasReady:)`` has it.
    func lossCause(by end: EnvironmentEnd) -> ColdStartCause? {
        memory.isExceeded && wasReady ? .memoryLimit : end.cause(wasReady: wasReady)
    }
}
