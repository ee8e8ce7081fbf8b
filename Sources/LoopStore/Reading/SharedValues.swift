internal import GRDB
internal import LoopModel

/// Names and sites that rows point to, each read once; for the life of one read.
final class SharedValues {
    private var names: [Int64: String] = [:]
    private var sites: [Int64: CodeSite] = [:]
    private let findName: PreparedStatement
    private let findSite: PreparedStatement

    init(_ database: Database) throws {
        findName = try PreparedStatement(database, "SELECT text FROM name WHERE id = ?")
        findSite = try PreparedStatement(
            database,
            """
            SELECT file, line, function, isUserCode, viaFile, viaLine, viaFunction FROM site WHERE id = ?
            """
        )
    }

    func name(_ id: Int64) throws -> String {
        if let name = names[id] { return name }
        findName.bind(id)
        let name = try findName.first { $0.text() } ?? ""
        names[id] = name
        return name
    }

    func site(_ id: Int64) throws -> CodeSite? {
        if let site = sites[id] { return site }
        findSite.bind(id)
        let row = try findSite.first {
            (
                file: $0.int64(), line: $0.int(), function: $0.int64(), isUserCode: $0.bool(),
                viaFile: $0.optionalInt64(), viaLine: $0.optionalInt(), viaFunction: $0.optionalInt64()
            )
        }
        guard let row else { return nil }
        var via: CodeLine?
        if let viaFile = row.viaFile, let viaLine = row.viaLine, let viaFunction = row.viaFunction {
            via = CodeLine(file: try name(viaFile), line: viaLine, function: try name(viaFunction))
        }
        let site = CodeSite(
            line: CodeLine(file: try name(row.file), line: row.line, function: try name(row.function)),
            isUserCode: row.isUserCode,
            via: via
        )
        sites[id] = site
        return site
    }
}
