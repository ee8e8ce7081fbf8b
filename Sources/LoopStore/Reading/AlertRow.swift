internal import LoopModel

/// An alert as a row.
enum AlertRow {
    static let columns = """
        alert.fingerprint, alert.rule, alert.severity, function.name, alert.file, alert.line, alert.codeFunction,
            alert.message, alert.advice, alert.count, alert.firstSeen, alert.lastSeen, alert.state
        """

    static let source = "alert CROSS JOIN function ON function.id = alert.function"

    static let byIDSQL = "SELECT \(columns) FROM \(source) WHERE alert.id = ?"

    static func read(_ row: PreparedStatement) -> Alert {
        Alert(
            fingerprint: row.text(),
            rule: row.text(),
            severity: Severity(rawValue: row.text()) ?? .warning,
            function: FunctionName(sanitizing: row.text()),
            site: line(row),
            message: row.text(),
            advice: row.text(),
            count: row.int(),
            firstSeen: WallTime(nanoseconds: row.int64()),
            lastSeen: WallTime(nanoseconds: row.int64()),
            state: Alert.State(rawValue: row.text()) ?? .open
        )
    }

    /// File, line and function, or nothing.
    static func line(_ row: PreparedStatement) -> CodeLine? {
        let file = row.optionalText()
        let line = row.int()
        let function = row.text()
        return file.map { CodeLine(file: $0, line: line, function: function) }
    }
}
