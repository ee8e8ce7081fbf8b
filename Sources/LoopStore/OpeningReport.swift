/// What opening the history found and mended.
package struct OpeningReport: Hashable, Sendable {
    /// Whether the file was made now.
    package var isNew = false
    /// Where a damaged file was put, with its log beside it; nil: there was none.
    package var quarantined: String?
    /// Why it was put there.
    package var quarantineReason: String?
    /// Invocations that a daemon left running when it died, now closed as `lost`.
    package var lostInvocations = 0
    /// Commits that had been confirmed to the daemon before and are not in the file: power was lost, or the file's
    /// log was damaged or removed.
    package var missingCommits: Int64 = 0
    /// Of the file, after any migration.
    package var schemaVersion = 0
    /// The migrations applied now, by name; those of a new file included.
    package var migrations: [String] = []
    /// Whether the ballast had to be given up to open the file on a full disk.
    package var gaveUpBallast = false

    package init() {}
}
