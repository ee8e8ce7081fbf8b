internal import LoopModel

extension ChangeWriter {
    /// Takes down what was imported when an environment's handler was loaded, or what its first invocation adds to that.
    func write(_ report: ImportReport, of environment: EnvironmentID) throws {
        let id = try environmentID(environment)
        let lines = try ImportLines.text(of: report.modules, nameID)
        guard let initialization = report.initialization else {
            // A commit that failed has left nothing, so that it is there once when it is committed again.
            let statement = try prepared("UPDATE environment SET imports = imports || ? WHERE id = ?")
            statement.bind(lines)
            statement.bind(id)
            try statement.run()
            return
        }
        let refusal = try report.refusal.map(nameID)
        let statement = try prepared(
            "UPDATE environment SET initialization = ?, importing = ?, imports = ?, refusal = ? WHERE id = ?"
        )
        statement.bind(initialization.nanoseconds)
        statement.bind(report.total.nanoseconds)
        statement.bind(lines)
        statement.bind(refusal)
        statement.bind(id)
        try statement.run()
    }
}
