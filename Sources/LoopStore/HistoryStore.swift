package import LoopModel

/// The history in one SQLite file.
package final class HistoryStore: Sendable {
    package let path: String

    private init(path: String) { self.path = path }

    package static func open(
        at path: String,
        options: StoreOptions = StoreOptions()
    ) throws -> (store: HistoryStore, report: OpeningReport) {
        throw StoreFailure.closed
    }

    /// Takes down a group of facts in one transaction: all of them or none.
    package func commit(_ changes: [Change]) throws -> CommitResult { throw StoreFailure.closed }

    package func acknowledge(fingerprintPrefix: String) throws -> Alert { throw StoreFailure.closed }
    package func resolve(fingerprintPrefix: String) throws -> Alert { throw StoreFailure.closed }
    package func replay(_ judge: (ReplayedEnvironment) throws -> [Finding]) throws -> ReplaySummary {
        throw StoreFailure.closed
    }
    package func checkpoint() throws { throw StoreFailure.closed }
    package func prune(olderThan moment: WallTime, maximumRows: Int) throws -> Int { throw StoreFailure.closed }
    package func integrityCheck() throws -> [String] { throw StoreFailure.closed }
    package func close() throws { throw StoreFailure.closed }
}

/// One environment's life as it was judged, to be judged again.
package struct ReplayedEnvironment {
    package let record: EnvironmentRecord

    /// Calls `body` with each stretch of the environment's life in order, reading as it goes.
    package func forEachSegment(_ body: (Segment) throws -> Void) throws {}

    /// What was judged together; the invocation is nil for what came after the last one, up to the environment's end.
    package struct Segment: Hashable, Sendable {
        package var invocation: InvocationRecord?
        package var events: [LoopEvent]
    }
}

/// What judging the history again changed.
package struct ReplaySummary: Hashable, Sendable {
    package var environments = 0
    /// Environments left as they were because part of their history has been deleted.
    package var skipped = 0
    package var findingsAdded = 0
    package var findingsRemoved = 0
    package var findingsKept = 0
    package var alerts: [HistoryStore.AlertChange] = []
}

extension HistoryStore: HistoryReading {
    package func invocations(matching filter: HistoryFilter) async throws -> [InvocationRecord] { [] }
    package func invocation(withID prefix: String) async throws -> InvocationDetail? { nil }
    package func loops(matching filter: HistoryFilter, state: LoopFilter) async throws -> [LoopRecord] { [] }
    package func findings(matching filter: HistoryFilter) async throws -> [FindingRecord] { [] }
    package func alerts(matching filter: HistoryFilter, states: Set<Alert.State>) async throws -> [Alert] { [] }
    package func totals() async throws -> HistoryTotals { throw StoreFailure.closed }
}
