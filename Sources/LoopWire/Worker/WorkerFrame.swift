/// One frame of the worker protocol, as a place in the bytes that hold it: nothing is copied.
package struct WorkerFrame: Hashable, Sendable {
    /// The most bytes that a frame may say it has, its type included.
    package static let longest = 16 << 20
    /// The bytes before the body: length and type.
    package static let headerSize = 5

    package var type: UInt8
    /// Where the body lies.
    package var body: Range<Int>

    package init(type: UInt8, body: Range<Int>) {
        self.type = type
        self.body = body
    }

    /// Finds the frame that begins at an offset; the next begins where its body ends.
    ///
    /// - Returns: nil when more bytes are needed.
    /// - Throws: when the frame claims more than ``longest`` bytes or none, before anything is kept for it.
    package static func next(in bytes: RawSpan, from offset: Int = 0) throws(WireFailure) -> Self? {
        guard let length = bytes.integer(UInt32.self, at: offset), let type = bytes.integer(UInt8.self, at: offset + 4)
        else { return nil }
        guard length > 0 else { throw .malformed("a frame without a type") }
        guard length <= longest else { throw .frameTooLong(type: type, length: Int(length)) }
        let end = offset + 4 + Int(length)
        return end <= bytes.byteCount ? Self(type: type, body: offset + headerSize..<end) : nil
    }
}
