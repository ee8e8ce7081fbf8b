internal import CLoopOS
internal import Glibc

/// Why a unix socket could not be used.
package enum SocketFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kernel's address holds ``UnixSocket/longestPath`` bytes.
    case pathTooLong(String)
    /// Another process is listening there.
    case inUse(String)
    /// There is something else than a socket, which is somebody's and stays.
    case notASocket(String)
    /// There is no socket, or nobody listens to it.
    case notListening(String)
    /// This user may not connect.
    case notPermitted(String)
    /// The listener's queue is full: it is alive, but does not keep up.
    case overloaded(String)
    /// It took longer than the caller allowed.
    case timedOut(String)
    case system(SystemFailure)

    package var description: String {
        switch self {
        case .pathTooLong(let path):
            "the socket's path has \(path.utf8.count) bytes, and \(UnixSocket.longestPath) are possible: \(path)"
        case .inUse(let path): "another process is listening on \(path)"
        case .notASocket(let path): "\(path) is there already and is no socket"
        case .notListening(let path): "nobody is listening on \(path)"
        case .notPermitted(let path): "this user may not use \(path)"
        case .overloaded(let path): "the listener of \(path) does not keep up"
        case .timedOut(let path): "\(path) did not answer in time"
        case .system(let failure): "\(failure)"
        }
    }
}

/// Unix-domain stream sockets by path.
package enum UnixSocket {
    /// In bytes: `sun_path` less its terminating zero (unix(7)).
    package static let longestPath = 107

    /// Binds and listens; takes the place of a socket file that a dead process left.
    ///
    /// The socket is made under a temporary name, given its mode, and only then renamed: nobody can connect to it
    /// before its mode stands. The caller holds a lock that keeps others from doing the same (``LockFile``).
    ///
    /// - Parameters:
    ///   - path: where clients find it.
    ///   - mode: who may connect.
    ///   - backlog: how many clients may wait to be accepted.
    /// - Returns: the listening descriptor, which does not block.
    /// - Throws: ``SocketFailure/inUse(_:)`` when a living process listens there.
    package static func listen(_ path: String, mode: UInt32, backlog: Int32 = 512) throws(SocketFailure) -> Int32 {
        let temporary = "\(path).\(getpid())"
        guard temporary.utf8.count <= longestPath else { throw .pathTooLong(path) }
        if isListening(path) { throw .inUse(path) }
        if isSomethingElse(path) { throw .notASocket(path) }
        let descriptor = try make()
        do throws(SystemFailure) {
            unlink(temporary)
            try withAddress(of: temporary) { address, length throws(SystemFailure) in
                try system("bind", temporary) { bind(descriptor, address, length) }
            }
            try system("chmod", temporary) { chmod(temporary, mode) }
            try system("listen", temporary) { Glibc.listen(descriptor, backlog) }
            try File.rename(temporary, to: path)
        } catch {
            Descriptor.close(descriptor)
            unlink(temporary)
            throw .system(error)
        }
        return descriptor
    }

    /// Connects within the time allowed.
    ///
    /// - Parameters:
    ///   - path: of the socket.
    ///   - deadline: of the monotonic clock, in nanoseconds.
    /// - Returns: the connected descriptor, which does not block.
    /// - Throws: when nobody listens there, or too late.
    package static func connect(_ path: String, by deadline: Int64) throws(SocketFailure) -> Int32 {
        guard path.utf8.count <= longestPath else { throw .pathTooLong(path) }
        var pause: UInt32 = 1000
        while true {
            let descriptor = try make()
            do throws(SystemFailure) {
                try withAddress(of: path) { address, length throws(SystemFailure) in
                    try system("connect", path) { Glibc.connect(descriptor, address, length) }
                }
                return descriptor
            } catch {
                Descriptor.close(descriptor)
                switch error.code {
                case ENOENT, ECONNREFUSED, ENOTDIR: throw .notListening(path)
                case EACCES, EPERM: throw .notPermitted(path)
                // The listener's queue is full, and a non-blocking connect does not wait (facts: reliability 57).
                case EAGAIN:
                    guard MonotonicClock.nanoseconds() + Int64(pause) * 1000 < deadline else { throw .overloaded(path) }
                    usleep(pause)
                    pause = min(pause * 2, 50_000)
                default: throw .system(error)
                }
            }
        }
    }

    /// Whether somebody accepts connections there.
    package static func isListening(_ path: String) -> Bool {
        guard let descriptor = try? connect(path, by: .min) else { return false }
        Descriptor.close(descriptor)
        return true
    }

    private static func isSomethingElse(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFSOCK
    }

    private static func make() throws(SocketFailure) -> Int32 {
        do throws(SystemFailure) {
            let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
            return try system("socket") { socket(AF_UNIX, type, 0) }
        } catch {
            throw .system(error)
        }
    }
}

/// Hands out the address of a path that is short enough; a leading NUL or `@` names an abstract socket.
@discardableResult
func withAddress<Result>(
    of path: String,
    _ body: (UnsafePointer<sockaddr>, socklen_t) throws(SystemFailure) -> Result
) throws(SystemFailure) -> Result {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var bytes = Array(path.utf8.prefix(UnixSocket.longestPath))
    let isAbstract = bytes.first == UInt8(ascii: "@")
    if isAbstract { bytes[0] = 0 }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let offset = MemoryLayout<sockaddr_un>.offset(of: \sockaddr_un.sun_path) ?? 2
    let length = socklen_t(offset + bytes.count + (isAbstract ? 0 : 1))
    let outcome: Swift.Result<Result, SystemFailure> = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
            Swift.Result { () throws(SystemFailure) in try body(generic, length) }
        }
    }
    return try outcome.get()
}
