package import LoopModel

/// For whom a document is rendered.
package struct Reader: Sendable {
    /// How far local time is ahead of UTC at a moment, in seconds.
    package var utcOffset: @Sendable (WallTime) -> Int
    /// The text of a line of a function's code; nil where it cannot be had.
    package var source: @Sendable (FunctionName, CodeLine) -> String?

    package init(
        utcOffset: @escaping @Sendable (WallTime) -> Int = { _ in 0 },
        source: @escaping @Sendable (FunctionName, CodeLine) -> String? = { _, _ in nil }
    ) {
        self.utcOffset = utcOffset
        self.source = source
    }
}
