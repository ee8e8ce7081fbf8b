internal import CLoopOS
internal import Glibc

/// TCP sockets that only this machine can reach.
package enum LoopbackSocket {
    /// Listens on 127.0.0.1.
    ///
    /// - Parameters:
    ///   - port: 0: any that is free.
    ///   - backlog: how many clients may wait to be accepted.
    /// - Returns: the listening descriptor, which does not block.
    /// - Throws: ``SocketFailure/inUse(_:)`` when another process listens there, ``SocketFailure/notPermitted(_:)`` for
    ///   a port that is not for this user.
    package static func listen(port: UInt16, backlog: Int32 = 512) throws(SocketFailure) -> Int32 {
        try listen(host: INADDR_LOOPBACK, port: port, backlog: backlog)
    }

    /// Listens on an address that is given in the order of this machine's bytes; else as ``listen(port:backlog:)``.
    static func listen(host: UInt32, port: UInt16, backlog: Int32) throws(SocketFailure) -> Int32 {
        let name = [24, 16, 8, 0].map { "\(host >> $0 & 0xFF)" }.joined(separator: ".") + ":\(port)"
        var opened: Int32?
        do throws(SystemFailure) {
            let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
            let descriptor = try system("socket", name) { socket(AF_INET, type, 0) }
            opened = descriptor
            // A daemon that starts again must not wait for the connections of the one before to be forgotten.
            var on: Int32 = 1
            try system("setsockopt", name) {
                setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout.size(ofValue: on)))
            }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = host.bigEndian
            _ = try withUnsafePointer(to: address) { pointer throws(SystemFailure) in
                try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer throws(SystemFailure) in
                    try system("bind", name) { bind(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size)) }
                }
            }
            try system("listen", name) { Glibc.listen(descriptor, backlog) }
            return descriptor
        } catch {
            if let opened { Descriptor.close(opened) }
            switch error.code {
            case EADDRINUSE: throw .inUse(name)
            case EACCES: throw .notPermitted(name)
            default: throw .system(error)
            }
        }
    }
}
