internal import CLoopOS
internal import Glibc

extension ThisProcess {
    /// Keeps glibc from making a heap for each thread.
    ///
    /// Each keeps what it once needed: with many short-lived threads a process grows by more than a megabyte a thread.
    /// Called before there are any.
    package static func limitHeaps(to count: Int32) { _ = loop_limit_heaps(count) }

    /// Lets each heap keep this many free bytes at its end.
    ///
    /// glibc's 128 KB are less than one invocation takes and gives back: each then pays for system calls and page faults
    /// (an eighth of the daemon's CPU time in warm invocations).
    package static func keepFreeMemory(bytes: Int32) { _ = loop_keep_free_memory(bytes) }

    /// How many descriptors this process may hold: the soft limit.
    package static var descriptorLimit: Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
        return Int(clamping: limit.rlim_cur)
    }

    /// The processors that this process may use at once; at least 1.
    package static var processors: Int { max(Int(loop_processors()), 1) }
}
