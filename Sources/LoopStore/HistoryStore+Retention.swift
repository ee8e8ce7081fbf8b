package import LoopModel

extension HistoryStore {
    /// Rows of one step that others hardly notice: a millisecond or two of the writer's time.
    package static let retentionStep = 200

    /// Deletes a step's worth of the oldest history; to be called again until it returns 0.
    ///
    /// What still runs, and environments that live, are kept, and so are alerts. An environment that has lost a part of
    /// its history is not judged again. On a full disk the ballast is given up first, so that deleting can be done.
    ///
    /// - Parameters:
    ///   - moment: Invocations requested, and environments ended, before it are deleted.
    ///   - rows: About the most rows of one step, which is one transaction: other commits wait for it.
    /// - Returns: how many rows were deleted.
    /// - Throws: ``StoreFailure``.
    package func prune(olderThan moment: WallTime, maximumRows rows: Int) throws -> Int {
        try makingRoom {
            try writing { writer in
                var deleted = 0
                _ = try writer.transaction { deleted = try writer.prune(before: moment, maximumRows: rows) }
                return deleted
            }
        }
    }
}
