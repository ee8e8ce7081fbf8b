internal import Foundation

/// The number of a commit that is known to have been made, in a file of its own, so that commits that were lost since
/// can be noticed: SQLite drops the damaged tail of a log in silence (facts: reliability §3b, 43).
struct HighWaterMark: Sendable {
    let path: String
    /// Of the database it speaks of.
    let identity: String

    /// What the file says.
    struct Reading: Hashable {
        var identity: String
        var sequence: Int64
        /// Whether the database was found damaged while it was in use.
        var isSuspect: Bool
    }

    /// nil when there is none, or none that can be understood.
    static func read(at path: String) -> Reading? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        let fields = text.split(separator: " ", omittingEmptySubsequences: false)
        guard fields.count == 5, fields[0] == "loopwarden-mark", fields[4] == "end\n", let sequence = Int64(fields[2])
        else { return nil }
        return Reading(identity: String(fields[1]), sequence: sequence, isSuspect: fields[3] == "suspect")
    }

    /// Makes the mark for a file that was just checked.
    func renew(at sequence: Int64) { write(sequence, isSuspect: false) }

    /// Notes that the commit was made.
    ///
    /// Best effort: without the mark, a loss goes unnoticed, and nothing else.
    func raise(to sequence: Int64) { write(sequence, isSuspect: Self.read(at: path)?.isSuspect ?? false) }

    /// Has the next opening check the whole file.
    func suspect() { write(Self.read(at: path)?.sequence ?? 0, isSuspect: true) }

    private func write(_ sequence: Int64, isSuspect: Bool) {
        let text = "loopwarden-mark \(identity) \(sequence) \(isSuspect ? "suspect" : "sound") end\n"
        try? Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}
