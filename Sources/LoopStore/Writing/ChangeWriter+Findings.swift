internal import LoopModel

extension ChangeWriter {
    /// The rule whose findings mark loops as leaked.
    static let leakRule = "leaked-loop"

    /// Stores a finding and counts it in its alert; one that is there already is not counted again.
    ///
    /// - Parameters:
    ///   - finding: What was found.
    ///   - moment: When.
    ///   - opensAlert: Whether a resolved alert opens again; judging old history again leaves it resolved.
    ///   - isNoted: Whether the commit tells of the alert.
    /// - Returns: whether it was not there.
    /// - Throws: ``StoreFailure/unknownEnvironment(_:)``, and SQLite's errors.
    func record(
        _ finding: Finding,
        at moment: WallTime,
        opensAlert: Bool = true,
        isNoted: Bool = true
    ) throws -> Bool {
        let environment = try environmentID(finding.environment)
        let invocation = try finding.invocation.flatMap(invocationID)
        let alert = try self.alert(for: finding, at: moment)
        guard
            let id = try insert(finding, alert: alert.id, environment: environment, invocation: invocation, at: moment)
        else { return false }
        for (position, related) in finding.related.enumerated() { try insert(related, position: position, finding: id) }
        totals.findings += 1
        try count(finding, in: alert.id, at: moment, opensAlert: opensAlert)
        let isReopened = alert.state == Alert.State.resolved.rawValue && opensAlert
        if isNoted { note(alert.id, isReopened ? .reopened : alert.isNew ? .new : .counted) }
        if finding.rule == Self.leakRule { try markLeaked(finding, environment: environment) }
        return true
    }

    /// The alerts that the running transaction touched, as they stand.
    func changedAlerts() throws -> [HistoryStore.AlertChange] {
        guard !alertKinds.isEmpty else { return [] }
        let statement = try prepared(AlertRow.byIDSQL)
        return try alertKinds.sorted { $0.key < $1.key }.compactMap { id, kind in
            statement.bind(id)
            let alert = try statement.first(AlertRow.read)
            return alert.map { HistoryStore.AlertChange(alert: $0, kind: kind) }
        }
    }

    private func note(_ alert: Int64, _ kind: HistoryStore.AlertChange.Kind) {
        // What came of it first says most: a new alert that is counted again in the same commit is still a new one.
        if alertKinds[alert] == nil || alertKinds[alert] == .counted { alertKinds[alert] = kind }
    }

    private func alert(for finding: Finding, at moment: WallTime) throws -> (id: Int64, state: String, isNew: Bool) {
        let find = try prepared("SELECT id, state, count FROM alert WHERE fingerprint = ?")
        let fingerprint = finding.fingerprint
        find.bind(fingerprint)
        let known = try find.first { (id: $0.int64(), state: $0.text(), count: $0.int64()) }
        // One whose findings were all taken back is as good as never seen.
        if let known { return (known.id, known.state, known.count == 0) }
        let function = try functionID(finding.function)
        let insert = try prepared(
            """
            INSERT INTO alert (fingerprint, rule, function, file, line, codeFunction, severity, message, advice, count,
                firstSeen, lastSeen, state)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, 'open')
            """
        )
        insert.bind(fingerprint)
        insert.bind(finding.rule)
        insert.bind(function)
        insert.bind(finding.site?.file)
        insert.bind(finding.site?.line)
        insert.bind(finding.site?.function)
        insert.bind(finding.severity.rawValue)
        insert.bind(finding.message)
        insert.bind(finding.advice)
        insert.bind(moment.nanoseconds)
        insert.bind(moment.nanoseconds)
        try insert.run()
        return (insert.lastInsertedID, Alert.State.open.rawValue, true)
    }

    private func insert(
        _ finding: Finding,
        alert: Int64,
        environment: Int64,
        invocation: Int64?,
        at moment: WallTime
    ) throws -> Int64? {
        let function = try functionID(finding.function)
        let advice = try nameID(finding.advice)
        let statement = try prepared(
            """
            INSERT INTO finding (alert, environment, invocation, ordinal, function, rule, code, severity, message,
                advice, at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO NOTHING
            """
        )
        statement.bind(alert)
        statement.bind(environment)
        statement.bind(invocation)
        statement.bind(finding.ordinal)
        statement.bind(function)
        statement.bind(finding.rule)
        statement.bind(finding.code)
        statement.bind(finding.severity.rawValue)
        statement.bind(finding.message)
        statement.bind(advice)
        statement.bind(moment.nanoseconds)
        return try statement.run() == 1 ? statement.lastInsertedID : nil
    }

    private func insert(_ related: RelatedSite, position: Int, finding: Int64) throws {
        let role = try nameID(related.role.rawValue)
        let file = try nameID(related.line.file)
        let function = try nameID(related.line.function)
        let statement = try prepared(
            """
            INSERT INTO findingSite (finding, position, role, ordinal, file, line, function)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """
        )
        statement.bind(finding)
        statement.bind(position)
        statement.bind(role)
        statement.bind(related.ordinal)
        statement.bind(file)
        statement.bind(related.line.line)
        statement.bind(function)
        try statement.run()
    }

    private func count(_ finding: Finding, in alert: Int64, at moment: WallTime, opensAlert: Bool) throws {
        let statement = try prepared(
            """
            UPDATE alert SET count = count + 1, severity = ?1, message = ?2, advice = ?3,
                firstSeen = min(firstSeen, ?4), lastSeen = max(lastSeen, ?4),
                state = CASE WHEN state = 'resolved' AND ?5 THEN 'open' ELSE state END
            WHERE id = ?6
            """
        )
        statement.bind(finding.severity.rawValue)
        statement.bind(finding.message)
        statement.bind(finding.advice)
        statement.bind(moment.nanoseconds)
        statement.bind(opensAlert)
        statement.bind(alert)
        try statement.run()
    }

    /// Marks the loops that the finding speaks of: those made on the line and in the invocation that it names as the
    /// maker's, and not closed so far.
    private func markLeaked(_ finding: Finding, environment: Int64) throws {
        let statement = try prepared(
            """
            UPDATE loop SET isLeaked = 1
            WHERE environment = ? AND ifnull(createdOrdinal, createdFollowing) IS ? AND closedMonotonic IS NULL
                AND isLeaked = 0
                AND createdSite IN (SELECT id FROM site WHERE file = ? AND line = ? AND function = ?)
            """
        )
        for origin in LeakOrigin.all(of: finding) {
            let file = try nameID(origin.line.file)
            let function = try nameID(origin.line.function)
            statement.bind(environment)
            statement.bind(origin.ordinal)
            statement.bind(file)
            statement.bind(origin.line.line)
            statement.bind(function)
            try statement.run()
        }
    }
}
