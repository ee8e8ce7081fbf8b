internal import CLoopOS
internal import Glibc

/// One cgroup of the unified hierarchy (cgroup v2): a folder whose files are the kernel's (cgroups(7)).
package struct ControlGroup: Hashable, Sendable {
    /// Absolute.
    package let path: String

    package init(path: String) { self.path = path }

    /// One below it.
    package func child(_ name: String) -> Self { Self(path: "\(path)/\(name)") }

    /// Makes it; not an error when it is there.
    package func make() throws(SystemFailure) { try Folder.make(path, mode: 0o755) }

    // MARK: Its files

    /// Writes one of its files, which must be there.
    package func write(_ value: String, to file: String) throws(SystemFailure) {
        let path = "\(path)/\(file)"
        let descriptor = try system("open", path) { open(path, O_WRONLY | O_CLOEXEC) }
        defer { Descriptor.close(descriptor) }
        // In one go: each write is an order of its own to the kernel.
        let bytes = Array(value.utf8)
        try system("write", path) { Glibc.write(descriptor, bytes, bytes.count) }
    }

    /// One of its files, without the line feed at its end; nil where it is not there.
    package func read(_ file: String) -> String? {
        guard let bytes = try? File.read("\(path)/\(file)") else { return nil }
        return String(decoding: bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes[...], as: UTF8.self)
    }

    /// The number that stands beside a key, in a file of lines such as `populated 1`.
    static func value(of key: String, in text: String) -> Int? {
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ")
            if fields.count == 2, fields[0] == key { return Int(fields[1]) }
        }
        return nil
    }

    private func value(of key: String, in file: String) -> Int? {
        read(file).flatMap { Self.value(of: key, in: $0) }
    }

    // MARK: What is in it

    /// Whether a process runs in it or below it; zombies do not.
    package var isPopulated: Bool { value(of: "populated", in: "cgroup.events") == 1 }

    /// The groups below it that are there now.
    package var children: [ControlGroup] {
        let names = (try? Folder.entries(of: path)) ?? []
        return names.map(child).filter { FileStamp(path: $0.path)?.isFolder == true }
    }

    /// The processes in it and below it; zombies are not among them.
    package var processes: Set<Int32> {
        let own = (read("cgroup.procs") ?? "").split(separator: "\n").compactMap { Int32($0) }
        return children.reduce(into: Set(own)) { $0.formUnion($1.processes) }
    }

    // MARK: Standing still

    /// Has everything in it stop; it is still when ``isFrozen`` says so, mostly within a millisecond.
    ///
    /// - Throws: when it is gone.
    package func freeze() throws(SystemFailure) { try write("1", to: "cgroup.freeze") }

    /// Lets everything in it go on.
    ///
    /// - Throws: when it is gone.
    package func thaw() throws(SystemFailure) { try write("0", to: "cgroup.freeze") }

    /// Whether all of its processes stand still by ``freeze()``.
    package var isFrozen: Bool { value(of: "frozen", in: "cgroup.events") == 1 }

    // MARK: Memory

    /// The most memory that everything in it has held at once, in bytes; nil where the kernel does not count.
    package var peakMemory: Int? { read("memory.peak").flatMap { Int($0) } }

    /// How many processes the kernel has killed because the group was at its limit.
    package var memoryKills: Int { value(of: "oom_kill", in: "memory.events") ?? 0 }

    // MARK: Its end

    /// Kills everything in it and below it; does nothing where the kernel is older than 5.14.
    package func kill() { try? write("1", to: "cgroup.kill") }

    /// Kills all that is in it, waits until it is gone, and removes it with the groups below.
    ///
    /// - Parameter deadline: of the monotonic clock, in nanoseconds; what is in an uninterruptible call may outlast it,
    ///   and then the group stays.
    /// - Returns: whether the group is gone.
    @discardableResult
    package func end(by deadline: Int64) -> Bool {
        guard FileStamp(path: path) != nil else { return true }
        while true {
            kill()
            // For kernels without cgroup.kill, and for nothing else: there they are gone by now or on their way.
            for process in processes where process != getpid() { _ = Glibc.kill(process, SIGKILL) }
            if !isPopulated, remove() { return true }
            if MonotonicClock.nanoseconds() > deadline { return false }
            awaitChange(by: min(deadline, MonotonicClock.nanoseconds() + Self.pause))
        }
    }

    /// In nanoseconds: after that long it is looked again although nothing was told.
    private static let pause: Int64 = 20_000_000

    /// Waits until the group's events may have changed.
    private func awaitChange(by instant: Int64) {
        guard let descriptor = try? Descriptor.openForReading("\(path)/cgroup.events") else { return }
        defer { Descriptor.close(descriptor) }
        // What is told is a change since the last reading.
        guard let bytes = try? Descriptor.read(descriptor, upTo: 256),
            Self.value(of: "populated", in: String(decoding: bytes, as: UTF8.self)) == 1
        else {
            // Nothing runs in it, and it cannot be removed yet: the last process is on its way out.
            Pause.sleep(nanoseconds: 1_000_000)
            return
        }
        var entry = pollfd(fd: descriptor, events: Int16(POLLPRI), revents: 0)
        let rest = max(instant - MonotonicClock.nanoseconds(), 0)
        _ = poll(&entry, 1, Int32(rest / 1_000_000 + 1))
    }

    /// Removes it and what is below it, where nothing runs in them; false when something is left.
    @discardableResult
    package func remove() -> Bool {
        for child in children { child.remove() }
        return removeAlone()
    }

    /// Removes it where nothing runs in it and no group is below it; false when it is left.
    @discardableResult
    package func removeAlone() -> Bool { rmdir(path) == 0 || errno == ENOENT }
}
