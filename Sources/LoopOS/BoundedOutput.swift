/// The beginning and the end of a text of any length.
package struct BoundedOutput: Sendable {
    /// In bytes, where nobody says otherwise.
    package static let usualLimit = 16 << 10
    /// Of the usual limit, in bytes.
    package static let headLimit = usualLimit / 4
    /// Of the usual limit, in bytes.
    package static let tailLimit = usualLimit - headLimit

    /// A fourth of the limit, in bytes; the tail is the rest.
    private let headSize: Int
    private let tailSize: Int
    private var head: [UInt8] = []
    /// A ring; empty until the head is full.
    private var tail: [UInt8] = []
    /// The bytes that went to the tail, kept or not.
    private var tailTotal = 0
    /// Where in all that came a new time begins, in order.
    private var marks: [(offset: Int, at: Int64)] = []

    /// - Parameter limit: what is kept, in bytes.
    package init(limit: Int = Self.usualLimit) {
        headSize = limit / 4
        tailSize = limit - headSize
    }

    /// All bytes that came, kept or not.
    package var total: Int { head.count + tailTotal }

    package var isEmpty: Bool { head.isEmpty }

    /// How many bytes from the middle were not kept.
    package var dropped: Int { max(0, tailTotal - tailSize) }

    /// Takes in what comes next.
    ///
    /// - Parameters:
    ///   - bytes: what came.
    ///   - at: when, in nanoseconds since 1970-01-01 UTC.
    package mutating func append(_ bytes: UnsafeRawBufferPointer, at: Int64 = 0) {
        note(at)
        let part = bytes.prefix(headSize - head.count)
        if !part.isEmpty { head += part }
        let rest = bytes.dropFirst(part.count)
        guard !rest.isEmpty else { return }
        if tail.isEmpty { tail = [UInt8](repeating: 0, count: tailSize) }
        let kept = rest.suffix(tailSize)
        let place = (tailTotal + rest.count - kept.count) % tailSize
        let first = kept.prefix(tailSize - place)
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
    package var text: String { String(decoding: kept.bytes, as: UTF8.self) }

    /// What was kept, what was dropped being said, and where in it the tail begins.
    private var kept: (bytes: [UInt8], tailStart: Int) {
        guard tailTotal > tailSize else { return (head + tail.prefix(tailTotal), head.count) }
        let place = tailTotal % tailSize
        let opening = head + "\n[… \(dropped) bytes left out …]\n".utf8
        return (opening + tail[place...] + tail[..<place], opening.count)
    }

    // MARK: Times

    /// The lines of ``text`` at which the time changes, counted from 0, with it in nanoseconds since 1970-01-01 UTC.
    package var lineTimes: [(line: Int, at: Int64)] {
        let (bytes, tailStart) = kept
        var times: [(line: Int, at: Int64)] = []
        var (line, position) = (0, 0)
        for mark in marks {
            let place = mark.offset < head.count ? mark.offset : tailStart + max(0, mark.offset - head.count - dropped)
            while position < min(place, bytes.count) {
                if bytes[position] == UInt8(ascii: "\n") { line += 1 }
                position += 1
            }
            // In the middle of a line, which keeps the time of its beginning.
            let isInside = position > 0 && bytes[position - 1] != UInt8(ascii: "\n")
            let first = isInside ? line + 1 : line
            if times.last?.line == first { times.removeLast() }
            times.append((first, mark.at))
        }
        return times
    }

    /// Closer times than this are one, in nanoseconds.
    private static let resolution: Int64 = 1_000_000
    private static let mostMarks = 512

    private mutating func note(_ at: Int64) {
        if let last = marks.last, at - last.at < Self.resolution, at >= last.at { return }
        marks.append((total, at))
        guard marks.count > Self.mostMarks else { return }
        // What was dropped needs one, for the line at which the tail begins; what is left of too many is every second.
        let tailStart = total - tailSize
        let next = marks.dropFirst().map(\.offset) + [Int.max]
        marks = zip(marks, next).filter { $0.offset < headSize || $1 > tailStart }.map(\.0)
        guard marks.count > Self.mostMarks else { return }
        marks = marks.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
    }
}
