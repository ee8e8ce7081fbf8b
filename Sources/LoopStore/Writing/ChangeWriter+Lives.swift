internal import LoopModel

extension ChangeWriter {
    /// Writes how a handler was loaded, where that was not at once: few invocations have it.
    func writeInits(of record: InvocationRecord) throws {
        guard !record.inits.isEmpty else { return }
        let statement = try prepared("UPDATE invocation SET inits = ? WHERE uid = ?")
        statement.bind(JSON.array(record.inits.map(\.json)).text)
        statement.bind(record.id.rawValue)
        try statement.run()
    }

    /// Writes what an environment goes on from, and why it was ended.
    func writeLife(of record: EnvironmentRecord) throws {
        guard record.predecessor != nil || record.shutdownReason != nil else { return }
        let statement = try prepared(
            "UPDATE environment SET predecessor = ?, logStream = ?, shutdownReason = ? WHERE uid = ?"
        )
        statement.bind(record.predecessor?.rawValue)
        statement.bind(record.inheritedLogStream)
        statement.bind(record.shutdownReason?.rawValue)
        statement.bind(record.id.rawValue)
        try statement.run()
    }
}

extension InitReport {
    /// Reads what was stored of them.
    static func list(stored text: String) -> [Self] {
        ((try? JSONReader.value(of: Array(text.utf8)))?.elements ?? []).compactMap(Self.init(json:))
    }
}
