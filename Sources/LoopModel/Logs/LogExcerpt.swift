/// Lines of logs, as far as they were searched for.
package struct LogExcerpt: Hashable, Sendable {
    /// In the order of time.
    package var lines: [LogLine]
    /// From where to go on to what is older; nil: all of it was searched, or there are as many lines as are wanted.
    package var older: LogPlace?

    package init(lines: [LogLine], older: LogPlace? = nil) {
        self.lines = lines
        self.older = older
    }
}

/// A place between two invocations of the history, down to which logs were searched.
package struct LogPlace: Hashable, Sendable {
    /// When the invocation was requested that was searched last.
    package var at: WallTime
    /// Tells apart those of one instant; what it means is the store's business.
    package var row: Int64

    package init(at: WallTime, row: Int64) {
        self.at = at
        self.row = row
    }

    /// Reads what ``text`` is.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int64($0) }
        guard parts.count == 2, let nanoseconds = parts[0], let row = parts[1] else { return nil }
        self.init(at: WallTime(nanoseconds: nanoseconds), row: row)
    }

    package var text: String { "\(at.nanoseconds)-\(row)" }
}
