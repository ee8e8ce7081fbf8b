internal import CLoopOS
internal import Glibc

extension ThisProcess {
    /// Fits glibc's heaps to one event loop and many short-lived threads; called before there are any.
    ///
    /// Two heaps, one for the event loop and one for all other threads: with one for each thread, which keeps what it once
    /// needed, a process grows by more than a megabyte a thread. Each may keep 8 MB free at its end: glibc's 128 KB are
    /// less than one invocation takes and gives back, which then pays for system calls and page faults (an eighth of the
    /// daemon's CPU time in warm invocations).
    package static func fitHeaps() {
        _ = loop_limit_heaps(2)
        _ = loop_keep_free_memory(8 << 20)
    }

    /// How many descriptors this process may hold: the soft limit.
    package static var descriptorLimit: Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
        return Int(clamping: limit.rlim_cur)
    }

    /// The processors that this process may use at once; at least 1.
    package static var processors: Int { max(Int(loop_processors()), 1) }
}
