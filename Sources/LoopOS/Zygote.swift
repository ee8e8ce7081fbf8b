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
    /// - Parameters:
    ///   - order: what the process is to be, in the program's own words.
    ///   - descriptors: what the process is given copies of.
    /// - Returns: the number of the process, which is this process's child.
    /// - Throws: when it is gone, does not answer, or the system has no process left.
    fileprivate func fork(_ order: [UInt8], with descriptors: [Int32]) throws(SystemFailure) -> Int32 {
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

    /// Starts a process as a fork of a zygote; its program and arguments are the zygote's.
    ///
    /// The fork is made on the spawner's thread, so that forks of one zygote are made one after the other.
    ///
    /// - Parameters:
    ///   - launch: what else the process is to be.
    ///   - zygote: what it is a fork of.
    ///   - order: the same in the words of the zygote's program.
    ///   - completion: called once, on the spawner's thread.
    package func fork(
        _ launch: ProcessLaunch,
        from zygote: Zygote,
        order: [UInt8],
        completion: @escaping @Sendable (Result<ChildProcess, LaunchFailure>) -> Void
    ) {
        perform(completion) { () throws(LaunchFailure) in
            let group = try launch.group.map { (order) throws(LaunchFailure) in try Self.open(order) }
            defer { if let group { Descriptor.close(group) } }
            do throws(LaunchFailure) {
                return try Self.fork(launch, from: zygote, order: order, in: group)
            } catch {
                launch.group?.group.remove()
                throw error
            }
        }
    }

    private static func fork(
        _ launch: ProcessLaunch,
        from zygote: Zygote,
        order: [UInt8],
        in group: Int32?
    ) throws(LaunchFailure) -> ChildProcess {
        let (null, output) = try openStandard()
        Descriptor.close(null)
        defer { Descriptor.close(output.writing) }
        do throws(SystemFailure) {
            let given = [output.writing, output.writing] + (group.map { [$0] } ?? [])
            let number = try zygote.fork(order, with: given)
            // Nobody but this process waits for it, so that its number is still its own.
            let pidfd = try system("pidfd_open") { loop_pidfd_open(number) }
            return ChildProcess(
                processID: number,
                pidfd: pidfd,
                output: OutputDrain(descriptor: output.reading),
                family: launch.family,
                group: launch.group?.group
            )
        } catch {
            Descriptor.close(output.reading)
            throw .resources(error)
        }
    }
}
