internal import GRDB
package import LoopModel

extension HistoryStore {
    /// Judges the history again, one environment at a time, and replaces its findings by those that `judge` finds.
    ///
    /// Recording goes on meanwhile: what is stored of an environment after it was read keeps its findings. Alerts keep
    /// their state and the time they were first seen; one whose findings are all gone is no longer listed.
    ///
    /// - Parameter judge: Gives the findings of an environment; must not call the store.
    /// - Returns: what has changed.
    /// - Throws: what `judge` throws, and ``StoreFailure``; environments judged before it keep their new findings.
    package func replay(_ judge: (ReplayedEnvironment) throws -> [Finding]) throws -> ReplaySummary {
        var summary = ReplaySummary()
        var last: Int64 = 0
        while let verdict = try verdict(after: last, judge) {
            last = verdict.environment
            guard let findings = verdict.findings else {
                summary.skipped += 1
                continue
            }
            summary.environments += 1
            try writing { writer in
                let result = try writer.transaction {
                    try writer.replaceFindings(of: last, upTo: verdict.lastFinding, by: findings, &summary)
                }
                summary.alerts += result.alerts
            }
        }
        return summary
    }

    private struct Verdict {
        var environment: Int64
        /// The newest finding that was there when the environment was read; 0: there was none.
        var lastFinding: Int64
        /// nil for an environment that cannot be judged again.
        var findings: [Finding]?
    }

    private func verdict(after last: Int64, _ judge: (ReplayedEnvironment) throws -> [Finding]) throws -> Verdict? {
        try StoreFailure.translated {
            try pool.read { database in
                let find = try PreparedStatement(
                    database,
                    """
                    SELECT environment.id, environment.isTrimmed, environment.isLost,
                        (SELECT ifnull(max(id), 0) FROM finding WHERE finding.environment = environment.id),
                        \(EnvironmentRow.columns)
                    FROM \(EnvironmentRow.source) WHERE environment.id > ? ORDER BY environment.id LIMIT 1
                    """
                )
                find.bind(last)
                let row = try find.first {
                    (
                        id: $0.int64(), isTrimmed: $0.bool(), isLost: $0.bool(), lastFinding: $0.int64(),
                        record: EnvironmentRow.read($0)
                    )
                }
                guard let row else { return nil }
                let environment = ReplayedEnvironment(
                    record: row.record,
                    id: row.id,
                    isLost: row.isLost,
                    database: database
                )
                return Verdict(
                    environment: row.id,
                    lastFinding: row.lastFinding,
                    findings: row.isTrimmed ? nil : try judge(environment)
                )
            }
        }
    }
}
