internal import GRDB
package import LoopModel

extension HistoryStore {
    package func imports(of function: FunctionName, latest count: Int) async throws -> ImportHistory {
        try await reading { database in
            let shared = try SharedValues(database)
            // Later environments have greater row ids.
            let starts = try PreparedStatement(
                database,
                """
                SELECT uid, start, startedAt, initialization, importing, imports FROM environment
                WHERE function = (SELECT id FROM function WHERE name = ?) AND initialization IS NOT NULL
                ORDER BY id DESC LIMIT ?
                """
            )
            starts.bind(function.rawValue)
            starts.bind(count)
            let refusals = try PreparedStatement(
                database,
                """
                SELECT refusal FROM environment
                WHERE function = (SELECT id FROM function WHERE name = ?) AND refusal IS NOT NULL
                GROUP BY refusal ORDER BY max(id) DESC LIMIT ?
                """
            )
            refusals.bind(function.rawValue)
            refusals.bind(count)
            return ImportHistory(
                coldStarts: try starts.all { row in
                    ColdStartRecord(
                        environment: EnvironmentID(rawValue: row.text()),
                        start: StartMode(rawValue: row.text()) ?? .spawn,
                        startedAt: WallTime(nanoseconds: row.int64()),
                        initialization: .nanoseconds(row.int64()),
                        importing: .nanoseconds(row.int64()),
                        modules: try ImportLines.modules(in: row.text(), shared.name)
                    )
                },
                refusals: try refusals.all { try shared.name($0.int64()) }
            )
        }
    }
}
