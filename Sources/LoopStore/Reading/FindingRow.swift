internal import GRDB
internal import LoopModel

/// A finding as a row, and the rows of the lines that share in it.
final class FindingRow {
    static let columns = """
        finding.id, finding.rule, finding.code, finding.severity, function.name, environment.uid, invocation.uid,
            finding.ordinal, alert.file, alert.line, alert.codeFunction, finding.message, finding.advice, finding.at
        """

    static let source = """
        finding CROSS JOIN function ON function.id = finding.function
            CROSS JOIN alert ON alert.id = finding.alert CROSS JOIN environment ON environment.id = finding.environment
            LEFT JOIN invocation ON invocation.id = finding.invocation
        """

    private let shared: SharedValues
    private let sites: PreparedStatement

    init(_ database: Database, _ shared: SharedValues) throws {
        self.shared = shared
        sites = try PreparedStatement(
            database,
            "SELECT role, ordinal, file, line, function FROM findingSite WHERE finding = ? ORDER BY position"
        )
    }

    func read(_ row: PreparedStatement) throws -> (id: Int64, record: FindingRecord) {
        let id = row.int64()
        let rule = row.text()
        let code = row.text()
        let severity = Severity(rawValue: row.text()) ?? .warning
        let function = FunctionName(sanitizing: row.text())
        let environment = EnvironmentID(rawValue: row.text())
        let invocation = row.optionalText().map { InvocationID(rawValue: $0) }
        let ordinal = row.optionalInt()
        let site = AlertRow.line(row)
        let finding = Finding(
            rule: rule,
            code: code,
            severity: severity,
            function: function,
            environment: environment,
            invocation: invocation,
            ordinal: ordinal,
            site: site,
            related: try related(of: id),
            message: row.text(),
            advice: try shared.name(row.int64())
        )
        return (id, FindingRecord(finding: finding, at: WallTime(nanoseconds: row.int64())))
    }

    func findings(of invocation: Int64, _ database: Database) throws -> [Finding] {
        let statement = try PreparedStatement(
            database,
            """
            SELECT \(Self.columns) FROM \(Self.source) WHERE finding.invocation = ? ORDER BY finding.id
            """
        )
        statement.bind(invocation)
        return try statement.all { try read($0).record.finding }
    }

    private func related(of finding: Int64) throws -> [RelatedSite] {
        sites.bind(finding)
        return try sites.all { row in
            let role = RelatedSite.Role(rawValue: try shared.name(row.int64()))
            let ordinal = row.optionalInt()
            let line = CodeLine(
                file: try shared.name(row.int64()),
                line: row.int(),
                function: try shared.name(row.int64())
            )
            return RelatedSite(role: role, ordinal: ordinal, line: line)
        }
    }
}
