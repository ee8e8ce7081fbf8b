import Glibc

extension UnsafeRawBufferPointer {
    /// Where the first occurrence of these bytes begins; nil when there is none.
    func firstOffset(of bytes: some Collection<UInt8>) -> Int? {
        guard let start = baseAddress, let first = bytes.first else { return 0 }
        var offset = 0
        // memchr is what makes it quick enough to look at every reply.
        while offset + bytes.count <= count, let hit = memchr(start + offset, Int32(first), count - offset) {
            offset = UnsafeRawPointer(hit) - start
            guard offset + bytes.count <= count else { return nil }
            if self[offset..<(offset + bytes.count)].elementsEqual(bytes) { return offset }
            offset += 1
        }
        return nil
    }
}
