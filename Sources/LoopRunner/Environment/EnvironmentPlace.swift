internal import LoopModel

/// What stays of an environment that is reset: its log stream and its scratch folder (facts: lambda §3, §4).
///
/// Memory does not: what goes on in its place is a process, and a record, of its own.
struct EnvironmentPlace: Sendable {
    /// That of the first environment that had it; nil: nobody has had it.
    var logStream: String?
    /// `TMPDIR`; absolute.
    let scratch: String
    /// Who had it last.
    var last: EnvironmentID?
    /// What the handler was loaded from when it was last had.
    var files: [WatchedFile] = []
    /// When it is given up, by the pools' clock.
    var expiresAt = Instant(nanoseconds: 0)
}
