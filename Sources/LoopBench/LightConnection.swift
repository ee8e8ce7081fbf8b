import Glibc
import LoopOS

/// A client's connection that does as little as a client can, so that it does not measure itself.
///
/// The socket blocks, there is one buffer, and nothing is allocated for a request. It waits in poll(2): whoever sleeps in
/// recv(2) on a unix socket is also woken when the other end takes what was sent.
final class LightConnection {
    /// How the end of a reply is known.
    enum Framing {
        /// HTTP/1.1 with a `content-length`; only status 200 is a success.
        case http
        /// A line.
        case line
    }

    /// The longest reply that is understood, in bytes.
    private static let capacity = 16 << 20
    /// How long a reply may take, in milliseconds: whatever is measured is there by then.
    private static let patience: Int32 = 120_000

    private let descriptor: Int32
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 16)
    private let framing: Framing

    /// - Throws: when nobody listens there.
    init(path: String, framing: Framing) throws {
        self.framing = framing
        descriptor = try UnixSocket.connect(path, by: MonotonicClock.nanoseconds() + 5_000_000_000)
        guard fcntl(descriptor, F_SETFL, 0) == 0 else { throw BenchmarkFailure("the socket cannot be made to block") }
    }

    deinit {
        close(descriptor)
        buffer.deallocate()
    }

    /// Sends a request and waits for the whole reply.
    ///
    /// - Returns: the reply, until the next call; nil when it is none of a success.
    /// - Throws: when the connection ends, or takes too long.
    func reply(to request: [UInt8]) throws -> UnsafeRawBufferPointer? {
        var sent = 0
        while sent < request.count {
            let count = request.withUnsafeBytes {
                send(descriptor, $0.baseAddress.map { $0 + sent }, $0.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw BenchmarkFailure("the request cannot be sent: \(reason())") }
            sent += count
        }
        var received = 0
        while true {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = poll(&entry, 1, Self.patience)
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { throw BenchmarkFailure(ready == 0 ? "no reply in time" : "no reply: \(reason())") }
            let count = recv(descriptor, buffer.baseAddress.map { $0 + received }, buffer.count - received, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw BenchmarkFailure(count == 0 ? "the connection was closed" : "no reply: \(reason())")
            }
            received += count
            let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<received])
            switch framing {
            case .line:
                if bytes[received - 1] == UInt8(ascii: "\n") { return bytes }
            case .http:
                guard let head = HTTPHead(bytes), head.size <= received else { break }
                return head.status == 200 ? bytes : nil
            }
            guard received < buffer.count else {
                throw BenchmarkFailure("a reply is too long")
            }
        }
    }

    private func reason() -> String { String(cString: strerror(errno)) }
}
