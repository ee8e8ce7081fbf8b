import Foundation
import GRDB
import LoopModel
import Testing

@testable import LoopStore

@Suite("Opening the history") struct OpeningTests {
    @Test("makes a new file with the schema that is on record")
    func schema() throws {
        let temporary = try TemporaryStore()
        #expect(temporary.report.isNew && temporary.report.migrations == allMigrations.map(\.name))
        #expect(temporary.report.schemaVersion == supportedSchemaVersion)
        let schema = try temporary.store.pool.read { database in
            try String.fetchAll(
                database,
                sql: "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type DESC, name"
            )
        }
        let text = schema.map { $0 + ";\n" }.joined(separator: "\n")
        let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Golden/schema.sql"
        )
        if ProcessInfo.processInfo.environment["LOOPWARDEN_RECORD_GOLDEN"] != nil {
            try Data(text.utf8).write(to: golden)
        }
        #expect(try String(contentsOf: golden, encoding: .utf8) == text)
    }

    @Test("numbers its migrations from 1 without holes")
    func migrations() {
        #expect(allMigrations.map(\.version) == Array(1...allMigrations.count))
        #expect(Set(allMigrations.map(\.name)).count == allMigrations.count)
    }

    @Test("finds everything again after a clean close and after a death")
    func reopening() async throws {
        let temporary = try TemporaryStore()
        try temporary.store.commit(Samples.life(of: "e1", invocations: 4))
        let totals = try await temporary.store.totals()
        let (survivor, report) = try temporary.reopenAfterDeath()
        #expect(try await survivor.totals() == totals)
        #expect(report.missingCommits == 0 && report.quarantined == nil && !report.isNew)
        try survivor.close()
        // After a clean close all is in the one file.
        try temporary.reopen { #expect(!FileManager.default.fileExists(atPath: temporary.path + "-wal")) }
        #expect(try await temporary.store.totals() == totals)
        #expect(temporary.report.missingCommits == 0 && temporary.report.quarantined == nil)
    }

    @Test("closes as lost what a dead daemon left running")
    func lost() async throws {
        let temporary = try TemporaryStore()
        try temporary.store.commit([
            .environmentStarted(Samples.environment()), .invocationEnded(Samples.invocation("i1")),
            .invocationStarted(Samples.invocation("i2", ordinal: 1, outcome: nil)),
            .invocationStarted(Samples.invocation("i3", in: nil, ordinal: nil, outcome: nil)),
        ])
        try temporary.reopen()
        #expect(temporary.report.lostInvocations == 2)
        let outcomes = try await temporary.store.invocations(matching: HistoryFilter()).map(\.outcome)
        #expect(outcomes.filter { $0 == .lost }.count == 2 && outcomes.contains(.ok))
        let detail = try await temporary.store.invocation(withID: "i1")
        #expect(detail?.environment?.end == "lost with its daemon")
        // What was never judged is not judged again either.
        var told: [String?] = []
        _ = try temporary.store.replay { environment in
            try environment.forEachSegment { told.append($0.invocation?.id.rawValue) }
            return []
        }
        #expect(told == ["i1"])
        try temporary.reopen()
        #expect(temporary.report.lostInvocations == 0)
    }

    // MARK: Damage

    enum Damage: String, CaseIterable {
        case headerGarbage, truncated, pageGarbage, zeroLength, textFile, emptyDatabase, noStoreRow

        func inflict(on path: String) throws {
            let url = URL(fileURLWithPath: path)
            var bytes = try Data(contentsOf: url)
            switch self {
            case .headerGarbage: bytes.replaceSubrange(0..<16, with: repeatElement(0x5A, count: 16))
            case .truncated: bytes = bytes.prefix(bytes.count / 2)
            case .pageGarbage: bytes.replaceSubrange(8192..<12_288, with: repeatElement(0xA5, count: 4096))
            case .zeroLength: bytes = Data()
            case .textFile: bytes = Data("not a database, but longer than a header".utf8)
            case .emptyDatabase:
                try FileManager.default.removeItem(at: url)
                try DatabaseQueue(path: path).inDatabase { try $0.execute(sql: "PRAGMA user_version = 0; VACUUM") }
                return
            case .noStoreRow:
                try DatabaseQueue(path: path).inDatabase { try $0.execute(sql: "DELETE FROM store") }
                return
            }
            try bytes.write(to: url)
        }
    }

    @Test("puts a damaged file aside as it was and starts a new one", arguments: Damage.allCases)
    func quarantine(_ damage: Damage) async throws {
        let temporary = try TemporaryStore()
        try temporary.store.commit(Samples.life(of: "e1", invocations: 20))
        var damaged = Data()
        try temporary.reopen {
            try damage.inflict(on: temporary.path)
            damaged = try Data(contentsOf: URL(fileURLWithPath: temporary.path))
        }
        let aside = try #require(temporary.report.quarantined)
        #expect(temporary.report.isNew && temporary.report.quarantineReason != nil)
        #expect(try Data(contentsOf: URL(fileURLWithPath: aside)) == damaged)
        #expect(aside == temporary.path + ".corrupt-20231114T221320Z")
        #expect(try await temporary.store.totals().invocations == 0)
        #expect(try temporary.store.commit([]).sequence == 1)
        // A second one of the same second gets a name of its own.
        try temporary.reopen { try Damage.zeroLength.inflict(on: temporary.path) }
        #expect(temporary.report.quarantined == aside + "-2")
    }

    @Test("checks a file beyond the limit only after trouble")
    func suspicion() throws {
        let temporary = try TemporaryStore()
        temporary.options.openingCheckLimit = 0
        try temporary.store.commit(Samples.life(of: "e1", invocations: 200, isClosed: false))
        // A page of loops: far from what opening reads.
        let page = try temporary.store.pool.read { database in
            try Int.fetchOne(database, sql: "SELECT rootpage FROM sqlite_schema WHERE name = 'loop'") ?? 0
        }
        try temporary.reopen {
            let url = URL(fileURLWithPath: temporary.path)
            var bytes = try Data(contentsOf: url)
            let range = (page - 1) * Opening.pageSize..<page * Opening.pageSize
            bytes.replaceSubrange(range, with: repeatElement(0xA5, count: range.count))
            try bytes.write(to: url)
        }
        #expect(temporary.report.quarantined == nil)
        let more = Samples.life(of: "e2", invocations: 1, isClosed: false)
        #expect { try temporary.store.commit(more) } throws: { error in
            guard case StoreFailure.corrupt = error else { return false }
            return true
        }
        try temporary.reopen()
        #expect(temporary.report.quarantined != nil)
    }

    @Test("puts a log aside that lies there without its database")
    func orphanedLog() throws {
        let temporary = try TemporaryStore()
        let log = Data(repeating: 7, count: 5000)
        try temporary.reopen {
            try FileManager.default.removeItem(atPath: temporary.path)
            try log.write(to: URL(fileURLWithPath: temporary.path + "-wal"))
        }
        let aside = try #require(temporary.report.quarantined)
        #expect(try Data(contentsOf: URL(fileURLWithPath: aside + "-wal")) == log)
    }

    // MARK: Files that must not be touched

    /// Every file of a folder with its bytes, but for the shared memory, which any reader makes.
    private func contents(of folder: String) throws -> [String: Data] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasSuffix("-shm") }
        return try Dictionary(
            uniqueKeysWithValues: names.map { ($0, try Data(contentsOf: URL(fileURLWithPath: folder + "/" + $0))) }
        )
    }

    @Test("refuses a newer schema and leaves every byte, also when it is still in the log", arguments: [false, true])
    func newerSchema(isInLog: Bool) throws {
        let temporary = try TemporaryStore()
        try temporary.store.commit(Samples.life(of: "e1", invocations: 3))
        let newer = supportedSchemaVersion + 1
        let folder = temporary.folder + "/newer"
        let path = folder + "/history.db"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try temporary.store.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA user_version = \(newer)") }
        if !isInLog { try temporary.store.close() }
        for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: temporary.path + suffix) {
            try FileManager.default.copyItem(atPath: temporary.path + suffix, toPath: path + suffix)
        }
        #expect((FileSize.of(path + "-wal") > 0) == isInLog)
        let before = try contents(of: folder)
        let refusal = #expect(throws: StoreFailure.self) { try HistoryStore.open(at: path) }
        #expect(refusal == .newerSchema(path: path, found: newer, supported: supportedSchemaVersion))
        #expect("\(try #require(refusal))".contains("\(newer)"))
        #expect("\(try #require(refusal))".contains("\(supportedSchemaVersion)"))
        #expect(try contents(of: folder) == before)
    }

    @Test("refuses another program's database and leaves every byte")
    func foreignFile() throws {
        let temporary = try TemporaryStore()
        let folder = temporary.folder + "/foreign"
        let path = folder + "/history.db"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try DatabaseQueue(path: path).inDatabase {
            try $0.execute(sql: "CREATE TABLE loopEvent (a); PRAGMA user_version = 1")
        }
        let before = try contents(of: folder)
        #expect { try HistoryStore.open(at: path) } throws: { error in
            guard case StoreFailure.foreignFile = error else { return false }
            return true
        }
        #expect(try contents(of: folder) == before)
    }

    @Test("says what is wrong with a path that cannot be used")
    func unusablePath() throws {
        let temporary = try TemporaryStore()
        for path in [temporary.folder, temporary.folder + "/no/such/folder/history.db"] {
            #expect { try HistoryStore.open(at: path) } throws: { error in
                guard case StoreFailure.cannotOpen = error else { return false }
                return true
            }
        }
    }

    // MARK: Lost commits

    @Test("notices commits that were confirmed and are gone")
    func missingCommits() throws {
        let temporary = try TemporaryStore()
        for second in 0..<10 {
            let configuration = FunctionConfiguration(name: Samples.function, root: "/", source: "/", handler: "a.b")
            try temporary.store.commit([.function(configuration, at: Samples.wall(Int64(second)))])
        }
        let copy = temporary.folder + "/copy.db"
        for suffix in ["", "-wal"] {
            try FileManager.default.copyItem(atPath: temporary.path + suffix, toPath: copy + suffix)
        }
        try temporary.store.checkpoint()
        try FileManager.default.copyItem(atPath: temporary.path + ".mark", toPath: copy + ".mark")
        // To SQLite, all of a log from a flipped bit on has never been.
        let log = URL(fileURLWithPath: copy + "-wal")
        var bytes = try Data(contentsOf: log)
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: log)
        let (survivor, report) = try HistoryStore.open(at: copy)
        #expect(report.missingCommits > 0 && report.missingCommits < 10)
        #expect(try survivor.integrityCheck().faults.isEmpty)
        try survivor.close()
        // It is told once.
        #expect(try HistoryStore.open(at: copy).report.missingCommits == 0)
    }

    @Test("notices that the file is gone whose commits were confirmed")
    func missingFile() throws {
        let temporary = try TemporaryStore()
        for _ in 0..<5 { try temporary.store.commit([]) }
        try temporary.reopen { try FileManager.default.removeItem(atPath: temporary.path) }
        #expect(temporary.report.isNew && temporary.report.missingCommits == 5)
    }

    @Test("is not deceived by the mark of another file")
    func otherMark() throws {
        let temporary = try TemporaryStore()
        for _ in 0..<5 { try temporary.store.commit([]) }
        let other = try TemporaryStore()
        try temporary.store.close()
        try other.reopen {
            try FileManager.default.removeItem(atPath: other.path + ".mark")
            try FileManager.default.copyItem(atPath: temporary.path + ".mark", toPath: other.path + ".mark")
        }
        #expect(other.report.missingCommits == 0)
    }
}
