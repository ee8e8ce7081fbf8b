/// How the history's file is kept.
package struct StoreOptions: Sendable {
    package var durability: Durability
    /// The size, in bytes, of a file beside the database that is given back to a full disk; 0: none.
    ///
    /// Then old history can be deleted. 8 MiB is what the deletion of one step and a checkpoint need, with room (facts:
    /// reliability §3b, 37).
    package var ballastSize: Int
    /// Above this size of the log, in bytes, a checkpoint also shortens it.
    package var logSizeLimit: Int
    /// How long to wait for another process that holds the file's lock.
    package var busyTimeout: Duration
    /// The largest file, in bytes, that is checked page by page at each opening; a larger one only after trouble.
    package var openingCheckLimit: Int
    /// How long one question may take; the log grows while it is answered.
    package var longestRead: Duration
    /// How long to search for lines of logs, of which there may be few in a long history, before those found are told.
    package var longestSearch: Duration
    /// Reads both clocks at one time, to give loops the calendar's time of their creation.
    package var clocks: @Sendable () -> ClockReading

    package init(
        durability: Durability = .process,
        ballastSize: Int = 8 << 20,
        logSizeLimit: Int = 16 << 20,
        busyTimeout: Duration = .seconds(10),
        openingCheckLimit: Int = 64 << 20,
        longestRead: Duration = .seconds(10),
        longestSearch: Duration = .seconds(4),
        clocks: @escaping @Sendable () -> ClockReading = ClockReading.system
    ) {
        self.durability = durability
        self.ballastSize = ballastSize
        self.logSizeLimit = logSizeLimit
        self.busyTimeout = busyTimeout
        self.openingCheckLimit = openingCheckLimit
        self.longestRead = longestRead
        self.longestSearch = longestSearch
        self.clocks = clocks
    }

    /// What a commit that returned survives.
    package enum Durability: String, Sendable, Codable, CaseIterable {
        /// The death of the daemon at any instant; the loss of power may take the last commits.
        case process
        /// The loss of power too; each commit waits for the disk.
        case power
    }
}
