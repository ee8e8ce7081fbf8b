internal import LoopModel

extension ChangeWriter {
    func nameID(_ text: String) throws -> Int64 {
        if let id = names[text] { return id }
        let find = try prepared("SELECT id FROM name WHERE text = ?")
        find.bind(text)
        if let id = try find.first({ $0.int64() }) {
            names.remember(text, id)
            return id
        }
        let insert = try prepared("INSERT INTO name (text) VALUES (?)")
        insert.bind(text)
        try insert.run()
        names.rememberInserted(text, insert.lastInsertedID)
        return insert.lastInsertedID
    }

    func siteID(_ site: CodeSite) throws -> Int64 {
        if let id = sites[site] { return id }
        let file = try nameID(site.line.file)
        let function = try nameID(site.line.function)
        let viaFile = try site.via.map { try nameID($0.file) }
        let viaFunction = try site.via.map { try nameID($0.function) }
        let find = try prepared(
            """
            SELECT id FROM site WHERE file = ? AND line = ? AND function = ? AND isUserCode = ?
                AND viaFile IS ? AND viaLine IS ? AND viaFunction IS ?
            """
        )
        let insert = try prepared(
            """
            INSERT INTO site (file, line, function, isUserCode, viaFile, viaLine, viaFunction)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """
        )
        for statement in [find, insert] {
            statement.bind(file)
            statement.bind(site.line.line)
            statement.bind(function)
            statement.bind(site.isUserCode)
            statement.bind(viaFile)
            statement.bind(site.via?.line)
            statement.bind(viaFunction)
        }
        if let id = try find.first({ $0.int64() }) {
            insert.reset()
            sites.remember(site, id)
            return id
        }
        try insert.run()
        sites.rememberInserted(site, insert.lastInsertedID)
        return insert.lastInsertedID
    }

    /// Of a function that may never have been told, only named.
    func functionID(_ name: FunctionName) throws -> Int64 {
        if let id = functions[name] { return id }
        let find = try prepared("SELECT id FROM function WHERE name = ?")
        find.bind(name.rawValue)
        if let id = try find.first({ $0.int64() }) {
            functions.remember(name, id)
            return id
        }
        let insert = try prepared("INSERT INTO function (name) VALUES (?)")
        insert.bind(name.rawValue)
        try insert.run()
        functions.rememberInserted(name, insert.lastInsertedID)
        return insert.lastInsertedID
    }

    /// - Throws: ``StoreFailure/unknownEnvironment(_:)`` if it has never been told.
    func environmentID(_ uid: EnvironmentID) throws -> Int64 {
        if let id = environments[uid] { return id }
        guard let id = try storedEnvironmentID(uid) else { throw StoreFailure.unknownEnvironment(uid.rawValue) }
        environments.remember(uid, id)
        return id
    }

    func storedEnvironmentID(_ uid: EnvironmentID) throws -> Int64? {
        let find = try prepared("SELECT id FROM environment WHERE uid = ?")
        find.bind(uid.rawValue)
        return try find.first { $0.int64() }
    }

    /// nil if it has never been told, or has been deleted.
    func invocationID(_ uid: InvocationID) throws -> Int64? {
        if let id = invocations[uid] { return id }
        let find = try prepared("SELECT id FROM invocation WHERE uid = ?")
        find.bind(uid.rawValue)
        guard let id = try find.first({ $0.int64() }) else { return nil }
        invocations[uid] = id
        return id
    }
}
