internal import CLoopOS
internal import Glibc

/// The conversation with systemd, or whatever else has started this process and speaks its protocol; silent without.
package struct ServiceManager: Sendable {
    /// A socket that was opened for this process before it started (sd_listen_fds(3)).
    package struct ListeningSocket: Hashable, Sendable {
        package var descriptor: Int32
        /// FileDescriptorName= of the socket unit.
        package var name: String
    }

    private let address: String?
    /// The sockets handed over; each is closed on exec.
    package let sockets: [ListeningSocket]
    /// How often ``notify(_:)`` must say `WATCHDOG=1` at the least; nil: nobody waits for it.
    package let watchdogInterval: Duration?

    /// Reads the environment and takes out what was meant for this process alone.
    package static func takeFromEnvironment() -> Self {
        defer {
            for name in [
                "NOTIFY_SOCKET", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "WATCHDOG_PID", "WATCHDOG_USEC",
            ] {
                unsetenv(name)
            }
        }
        return Self(
            address: variable("NOTIFY_SOCKET"),
            sockets: takeSockets(),
            watchdogInterval: watchdog()
        )
    }

    /// Tells the manager something, such as `READY=1`, `STOPPING=1`, `STATUS=…`; several are separated by line feeds.
    ///
    /// - Returns: false when there is no manager, or it cannot be reached: nothing a service could do about it.
    @discardableResult
    package func notify(_ message: String) -> Bool {
        guard let address, address.utf8.count <= UnixSocket.longestPath else { return false }
        let type = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard let descriptor = try? system("socket", "", { socket(AF_UNIX, type, 0) }) else { return false }
        defer { Descriptor.close(descriptor) }
        let bytes = Array(message.utf8)
        let sent = try? withAddress(of: address) { address, length throws(SystemFailure) in
            try system("sendto") { sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), address, length) }
        }
        return sent != nil
    }

    private static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func takeSockets() -> [ListeningSocket] {
        guard let process = variable("LISTEN_PID").flatMap({ Int32($0) }), process == getpid(),
            let count = variable("LISTEN_FDS").flatMap({ Int32($0) }), (1...1024).contains(count)
        else { return [] }
        let names = variable("LISTEN_FDNAMES")?.split(separator: ":", omittingEmptySubsequences: false) ?? []
        return (0..<count).map { index in
            // The first is always 3 (SD_LISTEN_FDS_START).
            let descriptor = 3 + index
            try? Descriptor.setCloseOnExec(descriptor)
            return ListeningSocket(
                descriptor: descriptor,
                name: Int(index) < names.count ? String(names[Int(index)]) : "unknown"
            )
        }
    }

    private static func watchdog() -> Duration? {
        guard let microseconds = variable("WATCHDOG_USEC").flatMap({ Int64($0) }), microseconds > 0 else { return nil }
        if let process = variable("WATCHDOG_PID").flatMap({ Int32($0) }), process != getpid() { return nil }
        return .microseconds(microseconds)
    }
}
