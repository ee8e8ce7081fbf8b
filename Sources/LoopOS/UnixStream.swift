internal import CLoopOS
internal import Glibc

/// A blocking client of a unix socket in which nothing takes longer than allowed: what a command line needs.
package final class UnixStream {
    private let descriptor: Int32
    private let path: String

    /// Connects.
    ///
    /// - Parameters:
    ///   - path: of the socket.
    ///   - deadline: of the monotonic clock, in nanoseconds; so are the deadlines of the other calls.
    /// - Throws: when nobody listens there, or too late.
    package init(path: String, by deadline: Int64) throws(SocketFailure) {
        self.path = path
        descriptor = try UnixSocket.connect(path, by: deadline)
    }

    deinit { Descriptor.close(descriptor) }

    /// Writes everything.
    package func write(_ bytes: [UInt8], by deadline: Int64) throws(SocketFailure) {
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes {
                send(descriptor, $0.baseAddress.map { $0 + offset }, $0.count - offset, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 {
                offset += count
            } else {
                try wait(for: POLLOUT, after: errno, call: "send", by: deadline)
            }
        }
    }

    /// Reads what there is, at least one byte; an empty array when the other side has closed.
    package func read(upTo limit: Int = 65_536, by deadline: Int64) throws(SocketFailure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: limit)
        while true {
            let count = Glibc.read(descriptor, &bytes, limit)
            if count >= 0 {
                bytes.removeSubrange(count...)
                return bytes
            }
            try wait(for: POLLIN, after: errno, call: "read", by: deadline)
        }
    }

    /// Says that nothing more will be written.
    package func finishWriting() { shutdown(descriptor, Int32(SHUT_WR)) }

    private func wait(for event: Int32, after code: Int32, call: String, by deadline: Int64) throws(SocketFailure) {
        if code == EINTR { return }
        guard code == EAGAIN else { throw .system(SystemFailure(call: call, code: code, context: path)) }
        let rest = deadline &- MonotonicClock.nanoseconds()
        guard rest > 0 else { throw .timedOut(path) }
        var entry = pollfd(fd: descriptor, events: Int16(event), revents: 0)
        // Rounded up, so that the last wait does not become a row of empty ones.
        _ = poll(&entry, 1, Int32(clamping: rest / 1_000_000 + 1))
    }
}
