/// Finding what starts with a text by a range of an index, which LIKE would not use.
enum Prefix {
    /// To be bound twice, to the prefix.
    static func condition(_ column: String) -> String {
        // U+10FFFF sorts after every character that can follow, as its UTF-8 does.
        "\(column) >= ? AND \(column) < ? || char(0x10ffff)"
    }
}
