/// As much of a message's head as says where the message ends.
struct HTTPHead {
    /// Head and body, in bytes.
    let size: Int
    /// Of a reply; 0 in a request.
    let status: Int

    /// Reads a head; nil while it is not whole.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard let end = bytes.firstOffset(of: "\r\n\r\n".utf8) else { return nil }
        let head = UnsafeRawBufferPointer(rebasing: bytes[..<(end + 4)])
        size = head.count + Self.contentLength(in: head)
        // "HTTP/1.1 200 …"
        let isReply = head.starts(with: "HTTP/".utf8) && head.count > 12
        status = isReply ? Self.number(head[9...]) : 0
    }

    /// As the daemon spells it, and as the clients do that are measured beside it.
    private static func contentLength(in head: UnsafeRawBufferPointer) -> Int {
        for name in ["\ncontent-length: ", "\nContent-Length: "] {
            if let offset = head.firstOffset(of: name.utf8) { return number(head[(offset + name.utf8.count)...]) }
        }
        return 0
    }

    private static func number(_ bytes: Slice<UnsafeRawBufferPointer>) -> Int {
        bytes.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
            .reduce(0) { $0 &* 10 &+ Int($1 - UInt8(ascii: "0")) }
    }
}
