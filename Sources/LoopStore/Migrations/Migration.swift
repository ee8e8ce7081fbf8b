/// One step of the schema: applied once, in order, and never edited after a release.
struct Migration: Sendable {
    /// The file's `user_version` afterwards; counted from 1 without holes.
    let version: Int
    let name: String
    /// Statements in string literals only, so that no later change of a type changes what a file went through.
    let sql: String
}
