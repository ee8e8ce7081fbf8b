internal import CLoopOS
internal import Glibc

/// A child process that this daemon started and has not seen the end of.
package final class ChildProcess: Sendable {
    package let processID: Int32
    /// What the process and its descendants print.
    package let output: OutputDrain
    private let belonging: Locked<Belonging>
    /// nil once the process has been waited for: from then on its number may belong to somebody else.
    private let pidfd: Locked<Int32?>

    private struct Belonging {
        var family: ProcessFamily?
        var group: ControlGroup?
    }

    init(
        processID: Int32,
        pidfd: Int32,
        output: OutputDrain,
        family: ProcessFamily? = nil,
        group: ControlGroup? = nil
    ) {
        self.processID = processID
        self.output = output
        belonging = Locked(Belonging(family: family, group: group))
        self.pidfd = Locked(pidfd)
    }

    deinit {
        if let descriptor = pidfd.withLock({ $0 }) { Descriptor.close(descriptor) }
    }

    package var family: ProcessFamily? { belonging.withLock { $0.family } }

    /// The cgroup that it and its descendants are in; nil: none of their own.
    package var group: ControlGroup? { belonging.withLock { $0.group } }

    /// Settles what the process belongs to, which was started before anybody knew.
    ///
    /// - Parameters:
    ///   - family: whose mark it is about to take.
    ///   - group: where it is already; see ``Spawner/move(_:into:completion:)``.
    package func join(_ family: ProcessFamily?, _ group: ControlGroup?) {
        belonging.withLock { $0 = Belonging(family: family, group: group) }
    }

    /// Sends a signal to every process of the child's group; does nothing once the child is gone.
    package func signalGroup(_ number: Int32) {
        // With the lock held the child cannot be waited for, so that its number stays its own.
        pidfd.withLock { descriptor in
            guard descriptor != nil else { return }
            _ = Glibc.kill(-processID, number)
        }
    }

    /// Sends a signal to one thread of the child, by its number; false once the thread or the child is gone.
    @discardableResult
    package func signal(_ number: Int32, thread: Int32) -> Bool {
        // With the lock held as above.
        pidfd.withLock { $0 != nil && loop_tgkill(processID, thread, number) == 0 }
    }

    /// Kills every process of the child's cgroup and process group; what left both is found by the watcher when the
    /// child is gone.
    package func kill() {
        group?.kill()
        signalGroup(SIGKILL)
    }

    /// Whether the process has begun to end, of itself or by a signal.
    ///
    /// The kernel closes a process's descriptors only after it has settled how the process ends: if a channel to the
    /// process is closed and this says false, then the process has closed the channel and lives on.
    package var isEnding: Bool {
        pidfd.withLock { $0 != nil } ? ProcessState(of: processID)?.isEnding ?? true : true
    }

    /// The descriptor that becomes readable when the process ends; for the watcher alone.
    var watched: Int32? { pidfd.withLock { $0 } }

    /// How the process ended, nil while it runs; afterwards it can still be signalled.
    func peekEnd() -> ExitStatus? {
        pidfd.withLock { descriptor in descriptor.flatMap { Self.wait($0, keep: true) } }
    }

    /// Waits for the process, which frees its number.
    func reap() {
        pidfd.withLock { descriptor in
            guard let open = descriptor else { return }
            _ = Self.wait(open, keep: false)
            Descriptor.close(open)
            descriptor = nil
        }
    }

    private static func wait(_ pidfd: Int32, keep: Bool) -> ExitStatus? {
        var code: Int32 = 0
        var status: Int32 = 0
        guard (try? system("waitid") { loop_wait(pidfd, keep ? 1 : 0, &code, &status) }) != nil else { return nil }
        return code == CLD_EXITED ? .exited(status) : .signaled(status)
    }
}

/// What /proc says of a process at one instant.
struct ProcessState {
    let isZombie: Bool
    let isEnding: Bool
    /// By a signal, or by a debugger.
    let isStopped: Bool

    /// Whether it does nothing more, for the time being or for good.
    var isStill: Bool { isStopped || isZombie }

    /// nil when there is no such process.
    init?(of processID: Int32) {
        guard let bytes = try? File.read("/proc/\(processID)/stat"),
            let end = bytes.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        // pid (name) state parent group session terminal terminal-group flags; the name may hold anything.
        let fields = bytes[(end + 1)...].split(separator: UInt8(ascii: " "))
        guard let state = fields.first?.first, fields.count > 6,
            let flags = UInt64(String(decoding: fields[6], as: UTF8.self))
        else { return nil }
        isZombie = state == UInt8(ascii: "Z") || state == UInt8(ascii: "X")
        isStopped = state == UInt8(ascii: "T") || state == UInt8(ascii: "t")
        isEnding = isZombie || flags & Self.exiting != 0
    }

    /// PF_EXITING of linux/sched.h.
    private static let exiting: UInt64 = 0x4
}
