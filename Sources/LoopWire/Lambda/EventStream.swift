import LoopModel

/// Messages in AWS's binary event stream, the answer of InvokeWithResponseStream (`application/vnd.amazon.eventstream`).
///
/// Source: the format that botocore's `eventstream.py` reads: two lengths and their CRC-32, headers, payload, CRC-32.
package enum EventStream {
    package static let contentType = "application/vnd.amazon.eventstream"

    /// What a client gets of an invocation whose whole result is there.
    ///
    /// - Parameters:
    ///   - payload: the result, or the error object.
    ///   - isError: whether the function failed.
    ///   - log: the end of the log in Base64; nil: nobody asked.
    /// - Returns: the body of the answer.
    package static func body(of payload: [UInt8], isError: Bool, log: String?) -> [UInt8] {
        var end: [JSON.Member] = []
        if isError {
            end.append(.init("ErrorCode", "Unhandled"))
            end.append(.init("ErrorDetails", .string(String(decoding: payload, as: UTF8.self))))
        }
        if let log { end.append(.init("LogResult", .string(log))) }
        let complete = message("InvokeComplete", "application/json", Array(JSON.object(end).text.utf8))
        return (isError ? [] : message("PayloadChunk", "application/octet-stream", payload)) + complete
    }

    private static func message(_ event: String, _ type: String, _ payload: [UInt8]) -> [UInt8] {
        let headers =
            header(":event-type", event) + header(":content-type", type) + header(":message-type", "event")
        // Twelve bytes before the headers, four after the payload.
        var bytes = word(UInt32(headers.count + payload.count + 16)) + word(UInt32(headers.count))
        bytes += word(checksum(of: bytes))
        bytes += headers + payload
        return bytes + word(checksum(of: bytes))
    }

    /// A header whose value is text, which is type 7.
    private static func header(_ name: String, _ value: String) -> [UInt8] {
        let length = UInt16(value.utf8.count)
        return [UInt8(name.utf8.count)] + Array(name.utf8) + [7, UInt8(length >> 8), UInt8(length & 0xFF)]
            + Array(value.utf8)
    }

    private static func word(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    /// CRC-32 as in zlib.
    static func checksum(of bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~0) { sum, byte in (sum >> 8) ^ table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] }
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? (value >> 1) ^ 0xEDB8_8320 : value >> 1 }
    }
}
