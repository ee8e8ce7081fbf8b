internal import CLoopOS
internal import Glibc

/// Everything that descends from one child process, however it tries to leave: by a session of its own, by a double
/// fork, by an emptied environment.
///
/// The founder is given a hard RLIMIT_LOCKS that is unique to the family. Linux has ignored the limit itself since
/// 2.4.25 (getrlimit(2)), every descendant inherits it, and any process of the same user can read it with one cheap call.
/// Where this process's own hard limit is not infinite the number may not fit under it; then the environment variable
/// ``variable``, which the founder has too, decides.
package struct ProcessFamily: Hashable, Sendable {
    /// The environment variable that names the family.
    package static let variable = "LOOPWARDEN_ENVIRONMENT"

    package let name: String
    /// The limit that marks members; never 0 and never RLIM_INFINITY.
    package let mark: UInt64

    /// - Parameter name: random, and different for each family for ever.
    package init(name: String) {
        self.name = name
        // FNV-1a, 64 bits; two high bits are cleared and one set, so that no real limit looks like a mark.
        let hash = name.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        mark = hash & 0x3FFF_FFFF_FFFF_FFFF | 0x2000_0000_0000_0000
    }

    /// The processes of the family that run now; zombies are not among them.
    package func members() -> [Int32] {
        guard let names = try? Folder.entries(of: "/proc") else { return [] }
        let own = getpid()
        return names.compactMap { Int32($0) }.filter { $0 != own && contains($0) }
    }

    /// Kills all members, those too that are started meanwhile, and waits until they are gone.
    ///
    /// - Parameter deadline: of the monotonic clock, in nanoseconds; a member in an uninterruptible call may outlast it.
    /// - Returns: how many were killed.
    @discardableResult
    package func end(by deadline: Int64) -> Int {
        var killed: Set<Int32> = []
        while true {
            let found = members()
            if found.isEmpty { return killed.count }
            var watched: [pollfd] = []
            for process in found {
                let pidfd = loop_pidfd_open(process)
                guard pidfd >= 0 else { continue }
                // Asked again with the process held: its number may have passed to another since it was found.
                if contains(process) {
                    _ = loop_pidfd_send_signal(pidfd, SIGKILL)
                    killed.insert(process)
                }
                watched.append(pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0))
            }
            for entry in watched {
                var one = entry
                let rest = deadline - MonotonicClock.nanoseconds()
                if rest > 0 { _ = poll(&one, 1, Int32(min(rest / 1_000_000 + 1, 1000))) }
                Descriptor.close(entry.fd)
            }
            if MonotonicClock.nanoseconds() > deadline { return killed.count }
        }
    }

    /// Stops all members, those too that are started meanwhile, as far as they were not stopped already.
    ///
    /// - Returns: which were stopped, for ``resume(_:)``.
    package func stop() -> Set<Int32> {
        var stopped: Set<Int32> = []
        let deadline = MonotonicClock.nanoseconds() + Self.patience
        while true {
            // A member that still runs may start another; one that was stopped cannot.
            let areStill = stopped.allSatisfy { ProcessState(of: $0)?.isStill ?? true }
            let found = members().filter { !stopped.contains($0) && ProcessState(of: $0)?.isStill == false }
            if found.isEmpty, areStill || MonotonicClock.nanoseconds() > deadline { return stopped }
            for process in found where signal(SIGSTOP, to: process) { stopped.insert(process) }
        }
    }

    /// In nanoseconds: how long a member is waited for that is in a call which cannot be interrupted.
    private static let patience: Int64 = 50_000_000

    /// Lets members go on that were stopped by ``stop()``.
    package func resume(_ processes: Set<Int32>) {
        for process in processes { _ = signal(SIGCONT, to: process) }
    }

    /// Sends a member a signal; false when the number is no member's.
    private func signal(_ number: Int32, to process: Int32) -> Bool {
        let pidfd = loop_pidfd_open(process)
        guard pidfd >= 0 else { return false }
        defer { Descriptor.close(pidfd) }
        // Asked with the process held, as above.
        return contains(process) && loop_pidfd_send_signal(pidfd, number) == 0
    }

    private func contains(_ process: Int32) -> Bool {
        var limit: UInt64 = 0
        if Self.isMarkable {
            guard loop_lock_limit(process, &limit) == 0, limit == mark else { return false }
        } else {
            guard let bytes = try? File.read("/proc/\(process)/environ"),
                bytes.split(separator: 0).contains(where: { $0.elementsEqual("\(Self.variable)=\(name)".utf8) })
            else { return false }
        }
        return ProcessState(of: process)?.isZombie == false
    }

    /// Whether this process may give a child any limit it likes.
    private static let isMarkable: Bool = {
        var limit: UInt64 = 0
        return loop_lock_limit(0, &limit) == 0 && limit == UInt64.max
    }()
}
