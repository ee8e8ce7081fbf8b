internal import CLoopOS
internal import Glibc

/// A process that others are forked from, with all that it has made ready; each fork is this daemon's own child.
///
/// The program finds its end of a link as descriptor 3: a socket that keeps messages apart. Its first message says what
/// has become of it; from then on it answers each order with the number of a process, or with a negative `errno`.
package final class Zygote: Sendable {
    /// The process that is forked.
    package let process: ChildProcess
    private let link: Locked<Int32?>

    fileprivate init(process: ChildProcess, link: Int32) {
        self.process = process
        self.link = Locked(link)
    }

    deinit { close() }

    /// Ends it, when the order under way is done; does nothing when it was called before.
    package func close() {
        link.withLock { link in
            if let descriptor = link { Descriptor.close(descriptor) }
            link = nil
        }
    }

    /// Waits for its first message; blocks the calling thread.
    ///
    /// - Parameter deadline: of the monotonic clock, in nanoseconds.
    /// - Returns: nil when it has ended without one, or said nothing in time.
    package func firstMessage(by deadline: Int64) -> [UInt8]? { receive(upTo: Self.longestMessage, by: deadline) }

    /// In bytes.
    private static let longestMessage = 1 << 20

    /// Has it fork a process; blocks the calling thread, for a moment.
    ///
    /// - Parameter descriptors: what the process is given copies of.
    /// - Returns: the number of the process, which is this process's child.
    /// - Throws: when it is gone, does not answer, or the system has no process left.
    fileprivate func fork(with descriptors: [Int32]) throws(SystemFailure) -> Int32 {
        let order = Array("fork".utf8)
        try link.withLock { (link) throws(SystemFailure) in
            guard let link else { throw SystemFailure(call: "sendmsg", code: EPIPE) }
            try system("sendmsg") {
                loop_send_descriptors(link, order, order.count, descriptors, Int32(descriptors.count))
            }
        }
        let deadline = MonotonicClock.nanoseconds() + Self.patience
        guard let answer = receive(upTo: 8, by: deadline), answer.count == 8 else {
            throw SystemFailure(call: "fork", code: ETIMEDOUT)
        }
        let number = answer.withUnsafeBytes { Int64(littleEndian: $0.loadUnaligned(as: Int64.self)) }
        guard number > 0 else { throw SystemFailure(call: "fork", code: Int32(clamping: -number)) }
        return Int32(clamping: number)
    }

    /// In nanoseconds: how long one fork may take on a machine that is very busy.
    private static let patience: Int64 = 5_000_000_000

    private func receive(upTo count: Int, by deadline: Int64) -> [UInt8]? {
        guard let link = link.withLock({ $0 }) else { return nil }
        while true {
            let rest = deadline - MonotonicClock.nanoseconds()
            guard rest > 0 else { return nil }
            var entry = pollfd(fd: link, events: Int16(POLLIN), revents: 0)
            if poll(&entry, 1, Int32(clamping: rest / 1_000_000 + 1)) > 0 {
                guard let message = try? Descriptor.read(link, upTo: count), !message.isEmpty else { return nil }
                return message
            }
        }
    }
}

extension Spawner {
    /// Starts a zygote.
    ///
    /// - Parameters:
    ///   - launch: the program that forks; of a family of its own, or none.
    ///   - completion: called once, on the spawner's thread; the zygote may have nothing ready yet.
    package func spawnZygote(
        _ launch: ProcessLaunch,
        completion: @escaping @Sendable (Result<Zygote, LaunchFailure>) -> Void
    ) {
        perform(completion) { () throws(LaunchFailure) in
            var ends: [Int32] = [-1, -1]
            do throws(SystemFailure) {
                try system("socketpair") { loop_socket_pair(&ends) }
            } catch {
                throw .resources(error)
            }
            defer { Descriptor.close(ends[1]) }
            do throws(LaunchFailure) {
                return Zygote(process: try Self.start(launch, link: ends[1]), link: ends[0])
            } catch {
                Descriptor.close(ends[0])
                throw error
            }
        }
    }

    /// Starts a process as a fork of a zygote; its program, arguments and variables are the zygote's until it is told
    /// otherwise.
    ///
    /// The fork is made on the spawner's thread, so that forks of one zygote are made one after the other.
    ///
    /// - Parameters:
    ///   - zygote: what it is a fork of.
    ///   - completion: called once, on the spawner's thread.
    package func fork(
        from zygote: Zygote,
        completion: @escaping @Sendable (Result<ForkedProcess, LaunchFailure>) -> Void
    ) {
        perform(completion) { () throws(LaunchFailure) in
            do throws(SystemFailure) {
                return try Self.fork(zygote)
            } catch {
                throw .resources(error)
            }
        }
    }

    private static func fork(_ zygote: Zygote) throws(SystemFailure) -> ForkedProcess {
        var ends: [Int32] = [-1, -1]
        try system("socketpair") { loop_stream_pair(&ends) }
        defer { Descriptor.close(ends[1]) }
        var reading: Int32 = -1
        do throws(SystemFailure) {
            let output = try Descriptor.pipe()
            reading = output.reading
            defer { Descriptor.close(output.writing) }
            let number = try zygote.fork(with: [ends[1], output.writing, output.writing])
            // Nobody but this process waits for it, so that its number is still its own.
            let pidfd = try system("pidfd_open") { loop_pidfd_open(number) }
            let process = ChildProcess(processID: number, pidfd: pidfd, output: OutputDrain(descriptor: reading))
            return ForkedProcess(process: process, channel: ends[0])
        } catch {
            Descriptor.close(ends[0])
            if reading >= 0 { Descriptor.close(reading) }
            throw error
        }
    }

    /// Makes a cgroup and moves a process into it that runs already; all that it starts from then on is in it, too.
    ///
    /// - Parameters:
    ///   - process: what is to be moved.
    ///   - order: of the group; nothing is left of it where that fails.
    ///   - completion: called once, on the spawner's thread.
    package func move(
        _ process: ChildProcess,
        into order: ControlGroupOrder,
        completion: @escaping @Sendable (Result<Void, LaunchFailure>) -> Void
    ) {
        perform(completion) { () throws(LaunchFailure) in
            do throws(SystemFailure) {
                try order.make()
                try order.group.write("\(process.processID)", to: "cgroup.procs")
            } catch {
                order.group.remove()
                throw .group(error)
            }
        }
    }
}

/// A process that a zygote has forked, and the way to talk to it.
package struct ForkedProcess: Sendable {
    package var process: ChildProcess
    /// One end of a stream, of which the process has the other; whoever gets it closes it.
    package var channel: Int32
}
