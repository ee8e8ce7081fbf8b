internal import CLoopOS
internal import Glibc

/// Sees to the processes that it is given: reads what they print, and says when one has ended and nothing of its
/// family is left.
///
/// Two threads: one waits for all pidfds and pipes, the other cleans up after an end, so that a process that is slow to
/// die holds up no other's output.
package final class ProcessWatcher: Sendable {
    private struct State {
        var next: UInt64 = 1
        var entries: [UInt64: Entry] = [:]
        var isStopped = false
    }

    private struct Entry {
        var process: ChildProcess
        var onEnd: @Sendable (ProcessEnd) -> Void
    }

    private let state = Locked(State())
    private let epoll: Int32
    private let wake: Int32
    private let cleaner: WorkThread
    private let thread: PosixThread.Handle

    /// - Throws: when the system has no descriptor or thread left.
    package init() throws(SystemFailure) {
        epoll = try system("epoll_create1") { epoll_create1(Int32(EPOLL_CLOEXEC)) }
        wake = try system("eventfd") { eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK)) }
        cleaner = try WorkThread(named: "lw-cleaner")
        try Self.add(wake, tag: 0, to: epoll)
        thread = try PosixThread.start(named: "lw-watcher") { [epoll, wake, state, cleaner] in
            Self.run(epoll: epoll, wake: wake, state: state, cleaner: cleaner)
        }
    }

    /// Looks after a process from now on.
    ///
    /// - Parameters:
    ///   - process: not watched before.
    ///   - onEnd: called once, on a thread of the watcher, when the process and its family are gone and all that they
    ///     printed is in ``ChildProcess/output``.
    /// - Throws: when the system has no memory left for it.
    package func watch(
        _ process: ChildProcess,
        onEnd: @escaping @Sendable (ProcessEnd) -> Void
    )
        throws(SystemFailure)
    {
        let serial = state.withLock { state in
            let serial = state.next
            state.next += 1
            state.entries[serial] = Entry(process: process, onEnd: onEnd)
            return serial
        }
        // The pipe first: as soon as the pidfd is watched, the end may come, and it closes the pipe.
        if let descriptor = process.output.watched { try Self.add(descriptor, tag: serial << 1 | 1, to: epoll) }
        if let descriptor = process.watched { try Self.add(descriptor, tag: serial << 1, to: epoll) }
    }

    /// Ends the watcher's threads; processes that it still watches are no longer waited for.
    ///
    /// Called once.
    package func stop() {
        state.withLock { $0.isStopped = true }
        var one: UInt64 = 1
        _ = write(wake, &one, 8)
        PosixThread.join(thread)
        cleaner.finish()
        Descriptor.close(wake)
        Descriptor.close(epoll)
    }

    private static func add(_ descriptor: Int32, tag: UInt64, to epoll: Int32) throws(SystemFailure) {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        event.data.u64 = tag
        try system("epoll_ctl") { epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) }
    }

    private static func run(epoll: Int32, wake: Int32, state: Locked<State>, cleaner: WorkThread) {
        var events = [epoll_event](repeating: epoll_event(), count: 64)
        while true {
            let count = epoll_wait(epoll, &events, Int32(events.count), -1)
            guard count > 0 else { continue }
            for event in events.prefix(Int(count)) {
                let tag = event.data.u64
                if tag == 0 {
                    if state.withLock({ $0.isStopped }) { return }
                    continue
                }
                guard let entry = state.withLock({ $0.entries[tag >> 1] }) else { continue }
                if tag & 1 == 1 {
                    // At its end the pipe is closed, which takes it out of the epoll set.
                    _ = entry.process.output.drain()
                } else if let status = entry.process.peekEnd() {
                    state.withLock { $0.entries[tag >> 1] = nil }
                    if let descriptor = entry.process.watched {
                        _ = epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, nil)
                    }
                    cleaner.run { clean(up: entry, status: status) }
                }
            }
        }
    }

    private static func clean(up entry: Entry, status: ExitStatus) {
        let process = entry.process
        var end = ProcessEnd(status: status, leftBehind: process.group?.processes.count ?? 0)
        // The group first, while the leader's number is still its own.
        process.kill()
        let deadline = MonotonicClock.nanoseconds() + 1_000_000_000
        if let group = process.group {
            end.peakMemory = group.peakMemory
            end.memoryKills = group.memoryKills
            group.end(by: deadline)
        }
        // A process of the same user may leave the cgroup.
        end.leftBehind += process.family?.end(by: deadline) ?? 0
        process.reap()
        process.output.close()
        // What has left the cgroup for one of its own below it, or was slow to end.
        process.group?.end(by: deadline)
        entry.onEnd(end)
    }
}

/// What became of a process.
package struct ProcessEnd: Hashable, Sendable {
    package var status: ExitStatus
    /// How many processes of its family outlived it and were killed.
    package var leftBehind: Int
    /// The most memory that its cgroup has held, in bytes; nil where nobody has counted.
    package var peakMemory: Int?
    /// How many of its processes the kernel has killed because the cgroup was at its limit.
    package var memoryKills = 0
}
