/// The names of Python's modules, as a manifest lists them and cold starts tell them.
package enum ModuleName {
    /// Whether a text can be such a name, dotted or not: `boto3`, `urllib.parse`.
    package static func isValid(_ text: String) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
            part.first.map { $0.isLetter || $0 == "_" } == true
                && part.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
        }
    }
}
