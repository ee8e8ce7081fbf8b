package import LoopModel

/// AWS X-Ray's trace header, as Lambda makes one for callers that bring none.
package enum TraceHeader {
    /// A new one, for a trace that nobody samples: `Root=1-<seconds>-<96 bits>;Parent=<64 bits>;Sampled=0`.
    package static func make(at time: WallTime) -> String {
        let seconds = String(UInt32(truncatingIfNeeded: time.nanoseconds / 1_000_000_000), radix: 16)
        let root = padded(seconds, 8)
        let trace = padded(String(UInt32.random(in: 0...(.max)), radix: 16), 8) + word()
        return "Root=1-\(root)-\(trace);Parent=\(word());Sampled=0"
    }

    private static func word() -> String { padded(String(UInt64.random(in: 0...(.max)), radix: 16), 16) }

    private static func padded(_ digits: String, _ width: Int) -> String {
        String(repeating: "0", count: max(width - digits.count, 0)) + digits
    }
}
