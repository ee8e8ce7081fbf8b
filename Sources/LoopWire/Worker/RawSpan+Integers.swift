extension RawSpan {
    /// The little-endian integer at an offset; nil when it is not wholly inside.
    func integer<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type = Value.self, at offset: Int) -> Value?
    {
        guard offset >= 0, offset <= byteCount - MemoryLayout<Value>.size else { return nil }
        return Value(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: type))
    }

    /// A range as text, repaired where it is no UTF-8; nil when it is not wholly inside.
    func text(_ range: Range<Int>) -> String? {
        guard range.lowerBound >= 0, range.upperBound <= byteCount else { return nil }
        return extracting(range).withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }
}
