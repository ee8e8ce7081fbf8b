/// Writes what a worker would send, for tests.
struct WorkerBytes {
    var bytes: [UInt8] = []

    mutating func put(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
    }

    mutating func put(text: String) { bytes += text.utf8 }

    /// Wraps what was written so far into a frame.
    func framed(type: UInt8) -> [UInt8] {
        var frame = Self()
        frame.put(UInt32(bytes.count + 1))
        frame.put(type)
        return frame.bytes + bytes
    }

    mutating func event(
        kind: UInt8,
        phase: UInt8 = 1,
        flags: UInt16 = 0,
        ordinal: UInt32 = 0,
        at: UInt64 = 1,
        thread: UInt32 = 1,
        loop: UInt32 = 0,
        site: UInt32 = 0,
        detail: UInt32 = 0,
        value: Int64 = 0
    ) {
        put(kind)
        put(phase)
        put(flags)
        put(ordinal)
        put(at)
        put(thread)
        put(loop)
        put(site)
        put(detail)
        put(value)
    }

    mutating func string(_ id: UInt32, _ text: String, kind: UInt8 = 0xF0) {
        put(kind)
        put(UInt8(0))
        put(UInt16(text.utf8.count))
        put(id)
        put(text: text)
    }

    mutating func site(
        _ id: UInt32,
        file: UInt32,
        function: UInt32,
        line: UInt32,
        flags: UInt8 = 1,
        via: (UInt32, UInt32, UInt32) = (0, 0, 0)
    ) {
        put(UInt8(0xF1))
        put(flags)
        put(UInt16(0))
        for number in [id, file, function, line, via.0, via.1, via.2] { put(number) }
    }

    /// A block with one of everything; its events are those of ``EventDecoderTests/whole``.
    static func block(generation: UInt32) -> Self {
        var block = Self()
        block.put(generation)
        block.records()
        return block
    }

    mutating func records() {
        string(1, "handler.py")
        string(2, "handler")
        string(3, "asyncio/runners.py")
        string(4, "run")
        string(1, "MainThread", kind: 0xF2)
        site(1, file: 1, function: 2, line: 12, via: (3, 4, 190))
        event(kind: 1, flags: 2, at: 100, loop: 1, site: 1, detail: 4, value: 3)
        event(kind: 13, phase: 0, ordinal: .max, at: 200)
        event(kind: 77, phase: 9, at: 300, thread: 8, loop: 9, site: 99, detail: 99)
    }

    static func reply(payload: String) -> [UInt8] {
        let block = Self.block(generation: 1).bytes
        var reply = Self()
        reply.put(UInt32(7))
        reply.put(UInt32(1))
        reply.put(UInt64(1000))
        reply.put(UInt64(3000))
        reply.put(UInt32(block.count))
        reply.bytes += block
        reply.put(text: payload)
        return reply.framed(type: 0x84)
    }
}
