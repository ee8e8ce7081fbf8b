internal import GRDB
internal import GRDBSQLite

/// A statement that is bound, stepped and read through SQLite's own calls.
///
/// GRDB's arguments and rows box every value; the recorder binds some fourteen values an event, and texts may hold
/// NUL characters, which GRDB cuts at. Belongs to its connection's queue.
final class PreparedStatement {
    private let statement: Statement
    private let handle: OpaquePointer
    private let connection: OpaquePointer?
    /// The parameter bound last.
    private var parameter: Int32 = 0
    /// The column to be read next.
    private var column: Int32 = 0

    init(_ database: Database, _ sql: String) throws {
        statement = try database.makeStatement(sql: sql)
        handle = statement.sqliteStatement
        connection = database.sqliteConnection
    }

    // MARK: Binding, from the first parameter to the last

    func bind(_ value: Int64) {
        parameter += 1
        sqlite3_bind_int64(handle, parameter, value)
    }

    func bind(_ value: Int) { bind(Int64(value)) }

    func bind(_ value: Bool) { bind(value ? 1 : 0 as Int64) }

    func bind(_ value: Int64?) {
        if let value { bind(value) } else { bindNull() }
    }

    func bind(_ value: Int?) { bind(value.map(Int64.init)) }

    func bindNull() {
        parameter += 1
        sqlite3_bind_null(handle, parameter)
    }

    func bind(_ text: String) {
        parameter += 1
        var text = text
        text.withUTF8 { bytes in
            // A null pointer would bind NULL, and an empty text may have no address.
            let start = UnsafeRawPointer(bytes.baseAddress) ?? UnsafeRawPointer(handle)
            sqlite3_bind_text(handle, parameter, start.assumingMemoryBound(to: CChar.self), Int32(bytes.count), copied)
        }
    }

    func bind(_ text: String?) {
        if let text { bind(text) } else { bindNull() }
    }

    func bind(_ bytes: [UInt8]) {
        parameter += 1
        bytes.withUnsafeBytes { bytes in
            // A null pointer would bind NULL, and nothing may have no address.
            let start = bytes.baseAddress ?? UnsafeRawPointer(handle)
            sqlite3_bind_blob(handle, parameter, start, Int32(bytes.count), copied)
        }
    }

    func bind(_ bytes: [UInt8]?) {
        if let bytes { bind(bytes) } else { bindNull() }
    }

    // MARK: Stepping

    /// Runs a statement that gives no rows, and makes it ready to be bound again.
    ///
    /// - Returns: how many rows it inserted, changed or deleted.
    @discardableResult
    func run() throws -> Int {
        defer { reset() }
        let code = sqlite3_step(handle)
        guard code == SQLITE_DONE || code == SQLITE_ROW else { throw failure(code) }
        return Int(sqlite3_changes(connection))
    }

    /// Goes to the next row; false, and ready to be bound again, when there is none.
    func step() throws -> Bool {
        column = 0
        let code = sqlite3_step(handle)
        if code == SQLITE_ROW { return true }
        defer { reset() }
        guard code == SQLITE_DONE else { throw failure(code) }
        return false
    }

    /// Makes it ready to be bound again; needed after rows that were not read to the end.
    func reset() {
        sqlite3_reset(handle)
        parameter = 0
        column = 0
    }

    /// Runs a statement of which one row is wanted; nil when it gives none.
    func first<Value>(_ read: (PreparedStatement) throws -> Value) throws -> Value? {
        defer { reset() }
        return try step() ? try read(self) : nil
    }

    /// Runs a statement and reads all of its rows.
    func all<Value>(_ read: (PreparedStatement) throws -> Value) throws -> [Value] {
        defer { reset() }
        var values: [Value] = []
        while try step() { values.append(try read(self)) }
        return values
    }

    /// The row id of the connection's last insert.
    var lastInsertedID: Int64 { sqlite3_last_insert_rowid(connection) }

    private func failure(_ code: Int32) -> DatabaseError {
        DatabaseError(resultCode: ResultCode(rawValue: code), message: String(cString: sqlite3_errmsg(connection)))
    }

    // MARK: Reading, from the first column to the last

    func int64() -> Int64 {
        defer { column += 1 }
        return sqlite3_column_int64(handle, column)
    }

    func int() -> Int { Int(int64()) }

    func bool() -> Bool { int64() != 0 }

    func optionalInt64() -> Int64? {
        guard sqlite3_column_type(handle, column) != SQLITE_NULL else {
            column += 1
            return nil
        }
        return int64()
    }

    func optionalInt() -> Int? { optionalInt64().map { Int($0) } }

    func text() -> String { optionalText() ?? "" }

    func optionalBytes() -> [UInt8]? {
        defer { column += 1 }
        guard sqlite3_column_type(handle, column) != SQLITE_NULL else { return nil }
        guard let start = sqlite3_column_blob(handle, column) else { return [] }
        return [UInt8](UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
    }

    func optionalText() -> String? {
        defer { column += 1 }
        guard let start = sqlite3_column_text(handle, column) else { return nil }
        let bytes = UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// SQLITE_TRANSIENT, which Swift does not import: SQLite makes its own copy before the call returns.
private let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
