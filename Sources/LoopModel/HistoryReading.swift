/// What reports may ask of the history; they read nothing else.
///
/// - Throws: every function throws what the store throws when the file cannot be read.
package protocol HistoryReading: Sendable {
    /// The newest first.
    func invocations(matching filter: HistoryFilter) async throws -> [InvocationRecord]
    /// One invocation by its id or an unambiguous prefix of it; nil if there is none, or more than one.
    func invocation(withID prefix: String) async throws -> InvocationDetail?
    /// One row for each loop, the newest first.
    func loops(matching filter: HistoryFilter, state: LoopFilter) async throws -> [LoopRecord]
    /// The newest first.
    func findings(matching filter: HistoryFilter) async throws -> [FindingRecord]
    /// The latest seen first.
    func alerts(matching filter: HistoryFilter, states: Set<Alert.State>) async throws -> [Alert]
    /// What was imported in a function's latest cold starts.
    func imports(of function: FunctionName, latest count: Int) async throws -> ImportHistory
    func totals() async throws -> HistoryTotals
    /// The newest lines that match; of invocations that have ended, and of what was printed outside of any.
    func logs(matching filter: LogFilter) async throws -> LogExcerpt
}

/// Which part of the history; what is nil does not narrow it.
package struct HistoryFilter: Hashable, Sendable {
    package var function: FunctionName?
    package var outcome: Outcome?
    package var isCold: Bool?
    package var since: WallTime?
    package var until: WallTime?
    package var rule: String?
    /// Only what was part of this simulation.
    package var run: RunName?
    /// The most rows.
    package var limit: Int

    package init(
        function: FunctionName? = nil,
        outcome: Outcome? = nil,
        isCold: Bool? = nil,
        since: WallTime? = nil,
        until: WallTime? = nil,
        rule: String? = nil,
        run: RunName? = nil,
        limit: Int = 50
    ) {
        self.function = function
        self.outcome = outcome
        self.isCold = isCold
        self.since = since
        self.until = until
        self.rule = rule
        self.run = run
        self.limit = limit
    }
}

/// Which loops.
package enum LoopFilter: String, Sendable, CaseIterable {
    case all
    /// Neither closed nor collected when last heard of.
    case open
    /// Named by a `leaked-loop` finding.
    case leaked
}

/// An invocation with all that is kept of it.
package struct InvocationDetail: Sendable {
    package var invocation: InvocationRecord
    package var environment: EnvironmentRecord?
    /// In order: init and what came before it too, for the first invocation of an environment.
    package var events: [LoopEvent]
    package var findings: [Finding]
    /// Between the invocation before it and the one after it, the oldest first.
    package var freezes: [FreezeSpan]

    package init(
        invocation: InvocationRecord,
        environment: EnvironmentRecord?,
        events: [LoopEvent],
        findings: [Finding],
        freezes: [FreezeSpan] = []
    ) {
        self.invocation = invocation
        self.environment = environment
        self.events = events
        self.findings = findings
        self.freezes = freezes
    }
}

/// One loop's life.
package struct LoopRecord: Hashable, Sendable {
    package var function: FunctionName
    package var environment: EnvironmentID
    package var state: LoopState
    package var isLeaked: Bool
    /// When it was created.
    package var createdAt: WallTime

    package init(
        function: FunctionName,
        environment: EnvironmentID,
        state: LoopState,
        isLeaked: Bool,
        createdAt: WallTime
    ) {
        self.function = function
        self.environment = environment
        self.state = state
        self.isLeaked = isLeaked
        self.createdAt = createdAt
    }
}

/// A finding with the moment at which it was recorded.
package struct FindingRecord: Hashable, Sendable {
    package var finding: Finding
    package var at: WallTime

    package init(finding: Finding, at: WallTime) {
        self.finding = finding
        self.at = at
    }
}

/// How much there is.
package struct HistoryTotals: Hashable, Sendable {
    package var invocations: Int
    package var environments: Int
    package var loops: Int
    package var events: Int
    package var findings: Int
    package var openAlerts: Int
    /// Of the database file and its log, in bytes.
    package var databaseSize: Int

    package init(
        invocations: Int,
        environments: Int,
        loops: Int,
        events: Int,
        findings: Int,
        openAlerts: Int,
        databaseSize: Int
    ) {
        self.invocations = invocations
        self.environments = environments
        self.loops = loops
        self.events = events
        self.findings = findings
        self.openAlerts = openAlerts
        self.databaseSize = databaseSize
    }
}
