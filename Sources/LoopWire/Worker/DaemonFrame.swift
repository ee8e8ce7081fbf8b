package import LoopModel

/// What the daemon says to a worker, as bytes ready to be sent.
package enum DaemonFrame {
    /// CONFIG: the answer to HELLO.
    package static func configuration(_ configuration: JSON) -> [UInt8] { frame(type: 0x01, body: configuration) }

    /// START: what a worker that was forked and waits is to be, with its configuration; the answer to its HELLO.
    package static func start(_ order: JSON) -> [UInt8] { frame(type: 0x05, body: order) }

    /// SHUTDOWN: asks the worker to end by itself.
    package static func shutdown(reason: String) -> [UInt8] {
        frame(type: 0x03, body: ["reason": .string(reason)])
    }

    /// FREEZE: asks the worker to tell what is alive, because its processes are about to be stopped.
    package static var freeze: [UInt8] { [1, 0, 0, 0, 0x04] }

    /// INVOKE without its last part: the payload follows, and its size is counted in already.
    ///
    /// - Parameters:
    ///   - ordinal: which invocation of the environment, counted from 0.
    ///   - deadline: when the daemon ends the environment if there is no reply.
    ///   - wallDeadline: the same on the calendar, for the handler's `get_remaining_time_in_millis()`.
    ///   - header: id, arn, clientContext, identity and traceId.
    ///   - payloadSize: in bytes.
    /// - Returns: all but the payload.
    package static func invoke(
        ordinal: UInt32,
        deadline: Instant,
        wallDeadline: WallTime,
        header: JSON,
        payloadSize: Int
    ) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 29)
        bytes[4] = 0x02
        header.write(to: &bytes)
        put(UInt32(bytes.count - 4 + payloadSize), at: 0, in: &bytes)
        put(ordinal, at: 5, in: &bytes)
        put(UInt64(clamping: deadline.nanoseconds), at: 9, in: &bytes)
        put(UInt64(clamping: wallDeadline.nanoseconds / 1_000_000), at: 17, in: &bytes)
        put(UInt32(bytes.count - 29), at: 25, in: &bytes)
        return bytes
    }

    private static func frame(type: UInt8, body: JSON) -> [UInt8] {
        var bytes: [UInt8] = [0, 0, 0, 0, type]
        body.write(to: &bytes)
        put(UInt32(bytes.count - 4), at: 0, in: &bytes)
        return bytes
    }

    private static func put(_ value: some FixedWidthInteger, at offset: Int, in bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { source in
            for index in source.indices { bytes[offset + index] = source[index] }
        }
    }
}
