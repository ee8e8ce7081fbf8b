import Logging
import LoopModel
import LoopOS
import LoopStore
import Testing

@testable import LoopDaemon

@Suite("Maintenance")
struct MaintenanceTests {
    @Test("What is older than the retention goes, in as many steps as it takes; what is younger stays")
    func retention() async throws {
        try await withTemporaryFolder { folder in
            let (store, _) = try HistoryStore.open(at: "\(folder)/history.sqlite")
            let name = FunctionName(sanitizing: "kept")
            let function = FunctionConfiguration(name: name, root: "/", source: "/f.py", handler: "f.handler")
            let day: Int64 = 86_400_000_000_000
            let now = WallTime.now.nanoseconds
            _ = try store.commit(
                [.function(function, at: .now)]
                    + (0..<1200).map { index in
                        let age = index < 1100 ? 3 * day : 0
                        var record = InvocationRecord(
                            id: .random(),
                            function: name,
                            requestedAt: WallTime(nanoseconds: now - age + Int64(index))
                        )
                        record.outcome = .rejected
                        return .invocationEnded(record)
                    }
            )
            var settings = Settings(state: folder, socket: "\(folder)/api.sock")
            settings.retentionAge = .seconds(2 * 86_400)
            let maintenance = Maintenance(
                store: store,
                settings: settings,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
            let thread = try WorkThread(named: "keeper")
            defer { thread.finish() }
            try await maintenance.tend(on: thread)
            #expect(try await store.totals().invocations == 100)
            settings.retentionAge = nil
            maintenance.use(settings)
            try await maintenance.tend(on: thread)
            #expect(try await store.totals().invocations == 100)
            try store.close()
        }
    }
}
