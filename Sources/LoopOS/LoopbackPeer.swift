/// Whose the other end of a TCP connection within this machine is, as /proc tells it.
package enum LoopbackPeer {
    /// The user who has the other end of a connection.
    ///
    /// - Parameters:
    ///   - peer: the other end's.
    ///   - address: this end's.
    /// - Returns: nil when there is no such connection any more, or /proc does not tell.
    package static func user(of peer: LoopbackAddress, connectedTo address: LoopbackAddress) -> UInt32? {
        // A program that speaks IPv6 to everybody has its end among the sockets of that.
        let ends = (text(of: peer), text(of: address))
        return user("/proc/net/tcp", ends.0, ends.1)
            ?? user("/proc/net/tcp6", mappedPrefix + ends.0, mappedPrefix + ends.1)
    }

    private static func user(_ path: String, _ own: String, _ other: String) -> UInt32? {
        guard let descriptor = try? Descriptor.openForReading(path) else { return nil }
        defer { Descriptor.close(descriptor) }
        var rest: [UInt8] = []
        while let part = try? Descriptor.read(descriptor, upTo: 1 << 16), !part.isEmpty {
            rest += part
            // The last line may not be whole yet.
            guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { continue }
            for line in rest[..<end].split(separator: UInt8(ascii: "\n")) {
                let words = String(decoding: line, as: UTF8.self).split(separator: " ")
                if words.count > 7, words[1] == own, words[2] == other { return UInt32(words[7]) }
            }
            rest.removeSubrange(...end)
        }
        return nil
    }

    /// What stands before an IPv4 address that is written as one of IPv6 (`::ffff:127.0.0.1`).
    private static let mappedPrefix =
        String(repeating: "0", count: 16) + hexadecimal(UInt32(0xFFFF).bigEndian, digits: 8)

    /// As the kernel writes it: the address as one number in the machine's order of its network bytes, in hexadecimal.
    private static func text(of address: LoopbackAddress) -> String {
        hexadecimal(address.host.bigEndian, digits: 8) + ":" + hexadecimal(UInt32(address.port), digits: 4)
    }

    private static func hexadecimal(_ value: UInt32, digits: Int) -> String {
        let text = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
