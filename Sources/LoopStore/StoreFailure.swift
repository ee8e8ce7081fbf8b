/// Why the history could not be opened, read or written.
package enum StoreFailure: Error, Hashable, CustomStringConvertible {
    /// Written by a newer Loopwarden; the file was not touched.
    case newerSchema(path: String, found: Int, supported: Int)
    /// A file of another program's; it was not touched.
    case foreignFile(path: String, reason: String)
    /// The path cannot be opened or made.
    case cannotOpen(path: String, reason: String)
    /// The disk, or the quota, is full; nothing of the commit was stored.
    case diskFull
    /// The file is damaged; the next opening puts it aside.
    case corrupt(reason: String)
    /// Another process held the file's lock for longer than the busy timeout.
    case busy
    /// Reading or writing failed in the operating system; nothing of the commit was stored.
    case inputOutput(reason: String)
    /// A change speaks of an environment that the history does not have: an error of the caller, and no retry helps.
    case unknownEnvironment(String)
    /// No alert's fingerprint starts so.
    case alertNotFound(prefix: String)
    /// Several alerts' fingerprints start so; some of them.
    case alertAmbiguous(prefix: String, candidates: [String])
    /// A change speaks of an invocation that the history does not have: an error of the caller, and no retry helps.
    case unknownInvocation(String)
    /// A question was given up after ``StoreOptions/longestRead``.
    case tooLong
    /// The store was closed.
    case closed
    /// SQLite refused for another reason: an error of ours.
    case database(reason: String)

    package var description: String {
        switch self {
        case .newerSchema(let path, let found, let supported):
            "\(path) has schema version \(found), and this Loopwarden knows versions up to \(supported)"
        case .foreignFile(let path, let reason): "\(path) is not a history of Loopwarden: \(reason)"
        case .cannotOpen(let path, let reason): "\(path) cannot be opened: \(reason)"
        case .diskFull: "the disk is full, and the history could not be written"
        case .corrupt(let reason): "the history's file is damaged: \(reason)"
        case .busy: "another process holds the history's file locked"
        case .inputOutput(let reason): "the history's file cannot be read or written: \(reason)"
        case .unknownEnvironment(let id): "the history has no environment \(id)"
        case .unknownInvocation(let id): "the history has no invocation \(id)"
        case .alertNotFound(let prefix): "no alert has a fingerprint that starts with '\(prefix)'"
        case .alertAmbiguous(let prefix, let candidates):
            "several alerts have fingerprints that start with '\(prefix)': \(candidates.joined(separator: ", "))"
        case .tooLong: "the question took too long and was given up: ask for less of the history (--since, --function)"
        case .closed: "the history is closed"
        case .database(let reason): "SQLite refused: \(reason)"
        }
    }

    /// What an operator can do about it; nil: nothing beyond what the description says.
    package var hint: String? {
        switch self {
        case .newerSchema: "install the Loopwarden that wrote the file, or start with another state folder"
        case .foreignFile: "choose another path for the history, or move the file away"
        case .cannotOpen, .inputOutput:
            "see that the folder exists, that the daemon's user may write it, and that its disk is well"
        case .diskFull: "free some space, or keep less history; recording goes on by itself when there is space"
        case .corrupt: "restart the daemon: it keeps the damaged file under another name and starts a new one"
        case .busy: "end the program that has the file open for writing, such as an sqlite3 shell in a transaction"
        case .alertNotFound: "'loopwarden alerts' lists the alerts"
        case .alertAmbiguous: "give more digits"
        case .unknownEnvironment, .unknownInvocation, .tooLong, .closed, .database: nil
        }
    }

    /// Whether the same changes may be taken when they are committed again later.
    package var isTransient: Bool {
        switch self {
        case .diskFull, .busy, .inputOutput: true
        default: false
        }
    }
}
