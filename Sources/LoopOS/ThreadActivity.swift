internal import CLoopOS
internal import Glibc

/// What one thread of another process is doing at this instant, as /proc tells it.
package enum ThreadActivity: Hashable, Sendable {
    /// Waits for whatever comes: in `epoll_wait` and its like.
    case idle
    /// On a CPU, or waiting for one.
    case running
    /// Asleep in a system call, or in the kernel for another reason.
    case waiting(Wait)
    /// Stopped by a signal or a debugger.
    case stopped

    /// What a sleeping thread waits for.
    package enum Wait: String, Hashable, Sendable, CaseIterable {
        case time
        /// A socket or a pipe, read or written.
        case data
        /// One of several descriptors; loops may idle so too.
        case readiness
        case child
        /// Another thread.
        case lock
        case file
        case other
    }

    /// Whether it goes on as before after a signal that has a handler: what waits for a signal, as in pause(2), does not.
    package var survivesSignals: Bool { self != .waiting(.other) }

    /// A few system calls; nil when the thread is gone, or this process may not look.
    package init?(process: Int32, thread: Int32) {
        guard let text = ThreadFile.text(of: process, thread, "syscall") else {
            // Yama may forbid to read it even of a child; the function of the kernel in which it sleeps is less secret.
            let function = ThreadFile.text(of: process, thread, "wchan")
            self.init(state: ThreadFile.state(process, thread), kernelFunction: function)
            return
        }
        guard let call = SystemCall(text) else {
            self = .running
            return
        }
        if call.isIdle {
            self = .idle
            return
        }
        // Between the calls of a stopped thread and of a sleeping one this file makes no difference.
        self = Self.isStopped(ThreadFile.state(process, thread)) ? .stopped : .waiting(call.wait)
    }

    /// As far as the state's letter and the name of a kernel function tell; nil where they tell nothing.
    init?(state: Character?, kernelFunction: String?) {
        if Self.isStopped(state) {
            self = .stopped
        } else if state == "R" {
            self = .running
        } else if state == "S" || state == "D", let name = kernelFunction, name != "0" {
            if Self.idleFunctions.contains(where: name.hasPrefix) {
                self = .idle
            } else {
                let wait = Self.kernelFunctions.first { $0.names.contains(where: name.hasPrefix) }?.wait
                self = .waiting(wait ?? .other)
            }
        } else {
            return nil
        }
    }

    private static func isStopped(_ state: Character?) -> Bool { state == "T" || state == "t" }

    private static let idleFunctions = ["ep_poll", "do_epoll_wait"]
    private static let kernelFunctions: [(wait: Wait, names: [String])] = [
        (.time, ["hrtimer_nanosleep", "do_nanosleep"]), (.lock, ["futex_"]), (.child, ["do_wait", "kernel_wait"]),
        (.readiness, ["do_select", "do_sys_poll", "do_poll", "poll_schedule_timeout"]),
        (.data, ["sk_wait_data", "wait_woken", "unix_stream", "pipe_", "anon_pipe", "tcp_", "inet_csk_accept"]),
    ]
}

/// What the scheduler has counted of a thread since its start; the differences of two are of interest.
package struct ThreadTimes: Hashable, Sendable {
    /// On a CPU, in nanoseconds.
    package var ran: Int64
    /// Ready to run with no CPU free for it, in nanoseconds.
    package var starved: Int64
    /// How often it was given a CPU.
    package var slices: Int64

    package init(ran: Int64, starved: Int64, slices: Int64) {
        self.ran = ran
        self.starved = starved
        self.slices = slices
    }

    /// nil when the thread is gone, or the kernel does not count.
    package init?(process: Int32, thread: Int32) {
        guard let text = ThreadFile.text(of: process, thread, "schedstat") else { return nil }
        let fields = text.split(whereSeparator: \.isWhitespace).compactMap { Int64($0) }
        guard fields.count >= 3 else { return nil }
        self.init(ran: fields[0], starved: fields[1], slices: fields[2])
    }
}

/// What signals a thread would take, and whether somebody debugs it.
package struct ThreadSignals: Hashable, Sendable {
    package var isTraced: Bool
    private var caught: UInt64
    private var blocked: UInt64

    /// nil when the thread is gone.
    package init?(process: Int32, thread: Int32) {
        guard let text = ThreadFile.text(of: process, thread, "status") else { return nil }
        (isTraced, caught, blocked) = (false, 0, 0)
        for line in text.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop(while: \.isWhitespace)
            switch line[..<colon] {
            case "TracerPid": isTraced = value != "0"
            case "SigCgt": caught = UInt64(value, radix: 16) ?? 0
            case "SigBlk": blocked = UInt64(value, radix: 16) ?? 0
            default: break
            }
        }
    }

    /// Whether a handler would run at once; without one, many signals end the process.
    package func takes(_ signal: Int32) -> Bool {
        let bit: UInt64 = 1 << UInt64(signal - 1)
        return caught & bit != 0 && blocked & bit == 0
    }
}

/// The files of a thread below /proc.
enum ThreadFile {
    private static let longest = 4096

    static func text(of process: Int32, _ thread: Int32, _ name: String) -> String? {
        guard let descriptor = try? Descriptor.openForReading("/proc/\(process)/task/\(thread)/\(name)") else {
            return nil
        }
        defer { Descriptor.close(descriptor) }
        guard let bytes = try? Descriptor.read(descriptor, upTo: longest), !bytes.isEmpty else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The letter by which the kernel calls the thread's state.
    static func state(_ process: Int32, _ thread: Int32) -> Character? {
        guard let text = text(of: process, thread, "stat"), let end = text.lastIndex(of: ")") else { return nil }
        return text[end...].dropFirst().first { $0 != " " }
    }
}

/// One line of /proc/…/syscall: the number of the call and its first argument.
struct SystemCall: Hashable {
    let number: Int
    let firstArgument: Substring

    /// nil for a thread that is in no call.
    init?(_ text: String) {
        let fields = text.split(whereSeparator: \.isWhitespace)
        guard let first = fields.first, let number = Int(first) else { return nil }
        self.number = number
        firstArgument = fields.count > 1 ? fields[1] : ""
    }

    /// Whether threads wait in it for events in general.
    var isIdle: Bool { Self.idle.contains(number) }

    var wait: ThreadActivity.Wait {
        // Before 3.11 Python sleeps by a select without descriptors.
        if Self.select.contains(number) { return firstArgument == "0x0" ? .time : .readiness }
        return Self.waits.first { $0.calls.contains(number) }?.wait ?? .other
    }

    #if arch(x86_64)
    private static let idle: Set = [232, 281, 441]
    private static let select: Set = [23, 270]
    private static let waits: [(wait: ThreadActivity.Wait, calls: Set<Int>)] = [
        (.time, [35, 230]), (.readiness, [7, 271]), (.child, [61, 247]), (.lock, [202, 449]),
        (.data, [0, 1, 19, 20, 42, 43, 44, 45, 46, 47, 288, 299, 307]),
        (.file, [2, 4, 5, 6, 17, 18, 40, 72, 73, 74, 75, 78, 82, 87, 217, 257, 262, 295, 296, 326]),
    ]
    #else
    // The numbers that all younger architectures share (asm-generic/unistd.h).
    private static let idle: Set = [22, 441]
    private static let select: Set = [72]
    private static let waits: [(wait: ThreadActivity.Wait, calls: Set<Int>)] = [
        (.time, [101, 115]), (.readiness, [73]), (.child, [95, 260]), (.lock, [98, 449]),
        (.data, [63, 64, 65, 66, 202, 203, 206, 207, 211, 212, 242, 243, 269]),
        (.file, [25, 32, 35, 38, 56, 61, 67, 68, 69, 70, 71, 79, 80, 81, 82, 83, 285]),
    ]
    #endif
}
