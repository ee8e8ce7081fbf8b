internal import Glibc

/// An IPv4 address that only this machine has (127.0.0.0/8) and a port.
package struct LoopbackAddress: Hashable, Sendable, CustomStringConvertible {
    /// The last three numbers of the address.
    package var numbers: (UInt8, UInt8, UInt8) {
        (UInt8(host >> 16 & 0xFF), UInt8(host >> 8 & 0xFF), UInt8(host & 0xFF))
    }
    /// In the order of this machine's bytes.
    let host: UInt32
    package let port: UInt16

    /// - Parameters:
    ///   - numbers: the last three of the address, after 127.
    ///   - port: 0: any that is free.
    package init(_ numbers: (UInt8, UInt8, UInt8), port: UInt16) {
        host = 127 << 24 | UInt32(numbers.0) << 16 | UInt32(numbers.1) << 8 | UInt32(numbers.2)
        self.port = port
    }

    /// Reads `127.20.3.4`; nil for what is no address of this machine alone.
    package init?(_ text: String, port: UInt16) {
        let numbers = text.split(separator: ".", omittingEmptySubsequences: false).compactMap { UInt8($0) }
        guard numbers.count == 4, numbers[0] == 127 else { return nil }
        self.init((numbers[1], numbers[2], numbers[3]), port: port)
    }

    fileprivate init(host: UInt32, port: UInt16) { (self.host, self.port) = (host, port) }

    /// As in `127.20.3.4:9001`.
    package var description: String { "127.\(numbers.0).\(numbers.1).\(numbers.2):\(port)" }
}

extension LoopbackSocket {
    /// Listens on an address of this machine's own.
    ///
    /// - Returns: the listening descriptor, which does not block, and where it listens.
    /// - Throws: ``SocketFailure/inUse(_:)`` when somebody listens there already.
    package static func listen(
        on address: LoopbackAddress,
        backlog: Int32 = 64
    ) throws(SocketFailure) -> (descriptor: Int32, address: LoopbackAddress) {
        let descriptor = try listen(host: address.host, port: address.port, backlog: backlog)
        guard address.port == 0 else { return (descriptor, address) }
        var bound = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        do throws(SystemFailure) {
            try system("getsockname") {
                withUnsafeMutablePointer(to: &bound) { pointer in
                    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
                }
            }
        } catch {
            Descriptor.close(descriptor)
            throw .system(error)
        }
        return (descriptor, LoopbackAddress(host: address.host, port: UInt16(bigEndian: bound.sin_port)))
    }
}
