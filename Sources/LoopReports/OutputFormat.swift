/// The forms in which a document can be had.
package enum OutputFormat: Hashable, Sendable {
    /// For people: at most so many columns wide, with or without the terminal's colours.
    case table(width: Int, colour: Bool)
    /// For programs: the published contract.
    case json
    /// For browsers: one page without anything to fetch.
    case html
}
