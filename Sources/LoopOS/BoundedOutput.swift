/// The beginning and the end of a text of any length.
package struct BoundedOutput: Sendable {
    /// In bytes.
    package static let headLimit = 4 << 10
    /// In bytes.
    package static let tailLimit = 12 << 10

    private var head: [UInt8] = []
    /// Up to twice the limit, so that bytes are moved only once each.
    private var tail: [UInt8] = []
    /// All bytes that came, kept or not.
    package private(set) var total = 0

    package init() {}

    package var isEmpty: Bool { total == 0 }

    /// How many bytes from the middle were not kept.
    package var dropped: Int { max(0, total - head.count - min(tail.count, Self.tailLimit)) }

    /// Takes in what comes next.
    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        total += bytes.count
        var rest = bytes[...]
        if head.count < Self.headLimit {
            let part = rest.prefix(Self.headLimit - head.count)
            head += part
            rest = rest.dropFirst(part.count)
        }
        guard !rest.isEmpty else { return }
        if tail.count + min(rest.count, Self.tailLimit) > 2 * Self.tailLimit {
            tail.removeFirst(tail.count - min(tail.count, Self.tailLimit))
        }
        tail += rest.suffix(Self.tailLimit)
    }

    /// What was kept, as text: what is no UTF-8 is replaced, what was dropped is said.
    package var text: String {
        guard !tail.isEmpty else { return String(decoding: head, as: UTF8.self) }
        let end = tail.suffix(Self.tailLimit)
        guard dropped > 0 else { return String(decoding: head + end, as: UTF8.self) }
        return String(decoding: head, as: UTF8.self) + "\n[… \(dropped) bytes left out …]\n"
            + String(decoding: end, as: UTF8.self)
    }
}
