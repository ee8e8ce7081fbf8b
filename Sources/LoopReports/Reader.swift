package import LoopModel

/// For whom a document is rendered.
package struct Reader: Sendable {
    /// How far local time is ahead of UTC at a moment, in seconds.
    package var utcOffset: @Sendable (WallTime) -> Int
    /// The text of a line of a function's code; nil where it cannot be had.
    package var source: @Sendable (FunctionName, CodeLine) -> String?

    /// The folder from which paths of files in it are shown: where the reader stands; empty: none.
    package var folder: String

    package init(
        utcOffset: @escaping @Sendable (WallTime) -> Int = { _ in 0 },
        source: @escaping @Sendable (FunctionName, CodeLine) -> String? = { _, _ in nil },
        folder: String = ""
    ) {
        self.utcOffset = utcOffset
        self.source = source
        self.folder = folder
    }

    /// A text with the paths in it as the reader knows them.
    func shown(_ text: String) -> String { folder.isEmpty ? text : text.replacing("\(folder)/", with: "") }
}
