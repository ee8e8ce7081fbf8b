/// What a report found, before anyone decides how it looks: rendered as a table, JSON or HTML by `LoopReports`.
package struct ReportDocument: Hashable, Sendable {
    /// The name and version of its JSON form, such as `loopwarden.history/1`.
    package var schema: String
    package var title: String
    package var sections: [Section]

    package init(schema: String, title: String, sections: [Section]) {
        self.schema = schema
        self.title = title
        self.sections = sections
    }

    /// One part of a document.
    package struct Section: Hashable, Sendable {
        /// Its key in the JSON form.
        package var key: String
        /// Shown above it; empty: no heading.
        package var title: String
        package var content: Content
        /// Shown instead of an empty table.
        package var emptyNote: String

        package init(key: String, title: String = "", content: Content, emptyNote: String = "") {
            self.key = key
            self.title = title
            self.content = content
            self.emptyNote = emptyNote
        }
    }

    package enum Content: Hashable, Sendable {
        /// JSON: an array of objects, one a row.
        case table(columns: [Column], rows: [[Cell]])
        /// JSON: one object.
        case fields([Field])
        /// Findings told in full. JSON: an array of findings.
        case findings([Finding])
        /// Prose; not in the JSON form.
        case text(String)
    }

    package struct Column: Hashable, Sendable {
        /// Its key in the JSON form.
        package var key: String
        package var title: String
        package var isTrailing: Bool
        /// In the JSON form only.
        package var isHidden: Bool
        /// Where a terminal has too little room, columns above 0 are left out, the highest first.
        package var rank: Int

        package init(_ key: String, _ title: String, isTrailing: Bool = false, isHidden: Bool = false, rank: Int = 0) {
            self.key = key
            self.title = title
            self.isTrailing = isTrailing
            self.isHidden = isHidden
            self.rank = rank
        }
    }

    package struct Field: Hashable, Sendable {
        package var key: String
        package var title: String
        package var cell: Cell

        package init(_ key: String, _ title: String, _ cell: Cell) {
            self.key = key
            self.title = title
            self.cell = cell
        }
    }

    /// A value with its meaning, so that a person and a program each get it in their own form.
    package enum Cell: Hashable, Sendable {
        case none
        case text(String)
        case integer(Int)
        case flag(Bool)
        /// People: `1.23 ms`; JSON: a whole number of nanoseconds.
        case duration(Duration)
        /// People: local to the reader; JSON: RFC 3339 in UTC.
        case time(WallTime)
        /// In bytes; people: `1.2 MiB`.
        case size(Int)
        /// People see the first, programs the second.
        case pair(shown: String, JSON)
        /// A word that may be coloured.
        case marked(String, Mark)
    }

    /// What a coloured word says.
    package enum Mark: String, Hashable, Sendable, Codable {
        case good, bad, caution, quiet
    }
}
