internal import LoopModel

extension ChangeWriter {
    /// What makes two findings of one environment the same one.
    private struct Occurrence: Hashable {
        var invocation: InvocationID?
        var fingerprint: String

        init(_ finding: Finding) {
            invocation = finding.invocation
            fingerprint = finding.fingerprint
        }
    }

    /// Makes the findings of an environment, up to the one with the row id `last`, those that are given.
    func replaceFindings(
        of environment: Int64,
        upTo last: Int64,
        by findings: [Finding],
        _ summary: inout ReplaySummary
    ) throws {
        let stored = try storedFindings(of: environment, upTo: last)
        let wanted = Dictionary(findings.map { (Occurrence($0), $0) }) { first, _ in first }
        var known: Set<Occurrence> = []
        var isLeakTouched = false
        for (id, old) in stored {
            let occurrence = Occurrence(old.finding)
            known.insert(occurrence)
            guard let new = wanted[occurrence] else {
                try remove(finding: id)
                summary.findingsRemoved += 1
                isLeakTouched = isLeakTouched || old.finding.rule == Self.leakRule
                continue
            }
            summary.findingsKept += 1
            if new != old.finding {
                try remove(finding: id)
                _ = try record(new, at: old.at, opensAlert: false, isNoted: false)
                isLeakTouched = isLeakTouched || new.rule == Self.leakRule
            }
        }
        for finding in findings where known.insert(Occurrence(finding)).inserted {
            let moment = try self.moment(of: finding, environment: environment)
            if try record(finding, at: moment, opensAlert: false) { summary.findingsAdded += 1 }
            isLeakTouched = isLeakTouched || finding.rule == Self.leakRule
        }
        if isLeakTouched { try markLeaks(of: environment) }
    }

    private func storedFindings(
        of environment: Int64,
        upTo last: Int64
    ) throws -> [(id: Int64, record: FindingRecord)] {
        let rows = try FindingRow(database, SharedValues(database))
        let statement = try prepared(
            """
            SELECT \(FindingRow.columns) FROM \(FindingRow.source)
            WHERE finding.environment = ? AND finding.id <= ? ORDER BY finding.id
            """
        )
        statement.bind(environment)
        statement.bind(last)
        return try statement.all(rows.read)
    }

    private func remove(finding: Int64) throws {
        let discount = try prepared(
            "UPDATE alert SET count = max(0, count - 1) WHERE id = (SELECT alert FROM finding WHERE id = ?)"
        )
        discount.bind(finding)
        try discount.run()
        let delete = try prepared("DELETE FROM finding WHERE id = ?")
        delete.bind(finding)
        totals.findings -= try delete.run()
    }

    /// When it would have been found: at the end of its invocation, or of its environment.
    private func moment(of finding: Finding, environment: Int64) throws -> WallTime {
        if let invocation = try finding.invocation.flatMap(invocationID) {
            let find = try prepared(
                "SELECT requestedAt + queued + ifnull(initialization, 0) + duration FROM invocation WHERE id = ?"
            )
            find.bind(invocation)
            if let time = try find.first({ $0.int64() }) { return WallTime(nanoseconds: time) }
        }
        let find = try prepared("SELECT ifnull(endedAt, startedAt) FROM environment WHERE id = ?")
        find.bind(environment)
        return WallTime(nanoseconds: try find.first { $0.int64() } ?? 0)
    }

    /// Marks the environment's leaked loops anew, from its findings.
    private func markLeaks(of environment: Int64) throws {
        // By origin, the first invocation at whose end a finding named it; loops closed up to then are not meant.
        var origins: [LeakOrigin: Int] = [:]
        for (_, row) in try storedFindings(of: environment, upTo: .max) where row.finding.rule == Self.leakRule {
            for origin in LeakOrigin.all(of: row.finding) {
                let ordinal = row.finding.ordinal ?? .max
                origins[origin] = min(origins[origin] ?? ordinal, ordinal)
            }
        }
        let shared = try SharedValues(database)
        let loops = try prepared(
            """
            SELECT serial, isLeaked, ifnull(createdOrdinal, createdFollowing), createdSite, closedMonotonic,
                ifnull(closedOrdinal, closedFollowing)
            FROM loop
            WHERE environment = ?
            """
        )
        loops.bind(environment)
        let changed = try loops.all { row -> (serial: Int64, isLeaked: Bool)? in
            let serial = row.int64()
            let wasLeaked = row.bool()
            let ordinal = row.optionalInt()
            let line = try row.optionalInt64().flatMap(shared.site)?.line
            let isClosed = row.optionalInt64() != nil
            let closedOrdinal = row.optionalInt() ?? .max
            let named = line.flatMap { origins[LeakOrigin(ordinal: ordinal, line: $0)] }
            let isLeaked = named.map { !isClosed || closedOrdinal > $0 } ?? false
            return isLeaked == wasLeaked ? nil : (serial, isLeaked)
        }
        let mark = try prepared("UPDATE loop SET isLeaked = ? WHERE environment = ? AND serial = ?")
        for case .some(let change) in changed {
            mark.bind(change.isLeaked)
            mark.bind(environment)
            mark.bind(change.serial)
            try mark.run()
        }
    }
}
