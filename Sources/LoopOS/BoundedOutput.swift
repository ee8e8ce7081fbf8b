/// The beginning and the end of a text of any length.
package struct BoundedOutput: Sendable {
    /// In bytes.
    package static let headLimit = 4 << 10
    /// In bytes.
    package static let tailLimit = 12 << 10

    private var head: [UInt8] = []
    /// A ring; empty until the head is full.
    private var tail: [UInt8] = []
    /// The bytes that went to the tail, kept or not.
    private var tailTotal = 0

    package init() {}

    /// All bytes that came, kept or not.
    package var total: Int { head.count + tailTotal }

    package var isEmpty: Bool { head.isEmpty }

    /// How many bytes from the middle were not kept.
    package var dropped: Int { max(0, tailTotal - Self.tailLimit) }

    /// Takes in what comes next.
    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        let part = bytes.prefix(Self.headLimit - head.count)
        if !part.isEmpty { head += part }
        let rest = bytes.dropFirst(part.count)
        guard !rest.isEmpty else { return }
        if tail.isEmpty { tail = [UInt8](repeating: 0, count: Self.tailLimit) }
        let kept = rest.suffix(Self.tailLimit)
        let place = (tailTotal + rest.count - kept.count) % Self.tailLimit
        let first = kept.prefix(Self.tailLimit - place)
        let second = kept.dropFirst(first.count)
        // In blocks, because a flood passes through here faster than bytes can be moved one by one.
        tail.withUnsafeMutableBytes { ring in
            UnsafeMutableRawBufferPointer(rebasing: ring[place...]).copyMemory(
                from: UnsafeRawBufferPointer(rebasing: first)
            )
            ring.copyMemory(from: UnsafeRawBufferPointer(rebasing: second))
        }
        tailTotal += rest.count
    }

    /// What was kept, as text: what is no UTF-8 is replaced, what was dropped is said.
    package var text: String {
        guard tailTotal > Self.tailLimit else {
            return String(decoding: head + tail.prefix(tailTotal), as: UTF8.self)
        }
        let place = tailTotal % Self.tailLimit
        return String(decoding: head, as: UTF8.self) + "\n[… \(dropped) bytes left out …]\n"
            + String(decoding: tail[place...] + tail[..<place], as: UTF8.self)
    }
}
