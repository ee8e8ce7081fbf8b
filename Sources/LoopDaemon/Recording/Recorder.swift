import Logging
import LoopModel
import LoopOS
import LoopRules
import LoopRunner
import LoopStore

/// Takes down everything that happens in the environments, judges it, and says when it is safely stored.
///
/// One thread: what arrives while it commits becomes the next group, so that groups form under load and nobody waits
/// for a timer. Events are folded into each environment's ledger here, and the rules run here, off the event loop. But
/// the event loop does it by itself after an invocation that was the only one, because it would only wait for the
/// thread, and while handlers keep every processor busy, because the thread would take one from them.
final class Recorder: RunObserving, Sendable {
    /// How long a fact that nobody waits for (an invocation has begun) may stay unstored.
    private static let patience: Int64 = 20_000_000
    /// Facts kept in memory for a store that refuses them; beyond it new invocations are refused.
    static let backlogLimit = 20_000
    /// The same in bytes: an invocation may have printed a megabyte, or have thousands of events.
    static let backlogWeightLimit = 64 << 20

    private let inbox = Mailbox<Fact>()
    private let store: HistoryStore
    private let alerts: AlertDispatcher
    private let logger: Logger
    /// What users allow; for replays, too.
    let allowances = Allowances()
    /// What is being logged.
    let live = LiveLog()
    private let shared: Locked<Shared>
    /// Held by whoever records at the moment.
    private let desk: Locked<Desk>
    private let loop = Locked(LoopSide())

    init(store: HistoryStore, rules: RuleBook, alerts: AlertDispatcher, logger: Logger) {
        self.store = store
        self.alerts = alerts
        self.logger = logger
        shared = Locked(Shared(rules: rules))
        desk = Locked(Desk(allowances: allowances))
    }

    /// What other threads may ask or change.
    private struct Shared {
        var rules: RuleBook
        var failure: String?
        var backlog = 0
        /// Of the backlog, in bytes.
        var weight = 0

        var isFull: Bool { backlog >= Recorder.backlogLimit || weight >= Recorder.backlogWeightLimit }
    }

    /// What the event loop needs to know to record by itself.
    private struct LoopSide {
        /// Invocations that have an environment and no outcome.
        var underWay = 0
        /// On the monotonic clock, in nanoseconds: until then the thread does it.
        private var restsUntil: Int64 = 0
        private var nextRest = shortestRest
        /// Invocations under way that leave the thread no processor: a fifth to a third more of them a second are recorded
        /// by the event loop then.
        private let many = ThisProcess.processors

        /// How long the event loop may be held up by what it records itself, in nanoseconds.
        private static let longestTurn: Int64 = 1_000_000
        /// For how long it leaves that to the thread when it took longer, in nanoseconds: a hiccup costs little, and a
        /// disk that is slow for good is seldom tried again.
        private static let shortestRest: Int64 = 10_000_000
        private static let longestRest: Int64 = 10_000_000_000

        /// Whether the event loop is to record by itself at a moment of the monotonic clock.
        func records(at moment: Int64) -> Bool { (underWay == 0 || underWay >= many) && restsUntil < moment }

        /// The event loop has recorded from one moment to another.
        mutating func worked(from begin: Int64, to end: Int64) {
            guard end - begin > Self.longestTurn else {
                nextRest = Self.shortestRest
                return
            }
            restsUntil = end + nextRest
            nextRest = min(nextRest * 2, Self.longestRest)
        }
    }

    private enum Fact: Sendable {
        case function(FunctionConfiguration, at: WallTime)
        case environmentStarted(EnvironmentRecord)
        case environmentReady(EnvironmentRecord, [LoopEvent])
        case imports(EnvironmentID, ImportReport)
        case environmentPrinted(EnvironmentID, EnvironmentOutput)
        case invocationStarted(InvocationRecord)
        case invocationEnded(EndedInvocation, @Sendable (Result<[Finding], any Error>) -> Void)
        case environmentEnded(EnvironmentRecord, [LoopEvent])
        case freeze(FreezeSpan)
        /// That begins may have waited long enough.
        case reminder
        case barrier(@Sendable () -> Void)
    }

    // MARK: What the rest of the daemon calls

    /// Why invocations cannot be recorded at present; nil: they can.
    var trouble: String? { shared.withLock { $0.isFull ? $0.failure : nil } }

    /// Why the last commit failed; nil: it did not.
    var failure: String? { shared.withLock(\.failure) }

    /// The facts that wait for the store.
    var backlog: Int { inbox.count + shared.withLock(\.backlog) }

    /// Takes up other rules for what comes from now on.
    func use(_ rules: RuleBook) { shared.withLock { $0.rules = rules } }

    func functionChanged(_ function: FunctionConfiguration) {
        allowances.use(function)
        inbox.send(.function(function, at: .now), isUrgent: false)
    }

    func environmentStarted(_ environment: EnvironmentRecord) {
        live.started(environment)
        inbox.send(.environmentStarted(environment), isUrgent: false)
    }

    func environmentReady(
        _ environment: EnvironmentRecord,
        events: [LoopEvent],
        initialization: Duration
    ) {
        live.ready(environment)
        inbox.send(.environmentReady(environment, events), isUrgent: false)
    }

    func environmentImported(_ environment: EnvironmentID, _ imports: ImportReport) {
        inbox.send(.imports(environment, imports), isUrgent: false)
    }

    func environmentPrinted(_ environment: EnvironmentID, _ output: EnvironmentOutput) {
        live.finished(environment, at: .now)
        inbox.send(.environmentPrinted(environment, output), isUrgent: false)
    }

    func printing(_ environment: EnvironmentID, _ bytes: UnsafeRawBufferPointer, at moment: WallTime) {
        live.printed(environment, bytes, at: moment)
    }

    func invocationSent(_ invocation: InvocationRecord, at moment: WallTime) { live.sent(invocation, at: moment) }

    func invocationStarted(_ invocation: InvocationRecord) {
        loop.withLock { $0.underWay += 1 }
        inbox.send(.invocationStarted(invocation), isUrgent: false)
    }

    func invocationEnded(
        _ ended: EndedInvocation,
        committed: @escaping @Sendable (Result<[Finding], any Error>) -> Void
    ) {
        live.ended(ended.record, at: .now)
        if ended.record.environment != nil { loop.withLock { $0.underWay -= 1 } }
        if !inbox.send(.invocationEnded(ended, committed), isUrgent: false) {
            committed(.failure(RecorderFailure.closed))
        }
    }

    func turnEnded() {
        let now = MonotonicClock.nanoseconds()
        if loop.withLock({ $0.records(at: now) }) {
            let isDone = desk.withLockIfFree { desk in
                guard desk.unstored.isEmpty else { return false }
                handle(inbox.takeAll(), on: &desk)
                return true
            }
            if isDone == true {
                loop.withLock { $0.worked(from: now, to: MonotonicClock.nanoseconds()) }
                return
            }
        }
        inbox.hurry()
    }

    func environmentEnded(_ environment: EnvironmentRecord, events: [LoopEvent]) {
        live.ended(environment)
        inbox.send(.environmentEnded(environment, events), isUrgent: false)
    }

    func environmentFroze(_ span: FreezeSpan) { inbox.send(.freeze(span), isUrgent: false) }

    /// Returns when everything sent so far was committed or refused.
    func flush() async {
        await withCheckedContinuation { continuation in
            if !inbox.send(.barrier({ continuation.resume() }), isUrgent: true) { continuation.resume() }
        }
    }

    /// Takes no more facts; ``work()`` ends when those there are were committed.
    func close() { inbox.close() }

    /// Does the recording until ``close()``; blocks its thread.
    func work() {
        while inbox.wait(patience: Self.patience) { desk.withLock { handle(inbox.takeAll(), on: &$0) } }
        desk.withLock { desk in
            // Nobody will hear more of them.
            let begun = desk.takeBegun(before: .max).map { Entry(changes: [.invocationStarted($0)]) }
            if !begun.isEmpty, desk.unstored.isEmpty { commit(begun, on: &desk, wasWell: true) }
        }
        let lost = desk.withLock(\.unstored.count)
        if lost > 0 {
            logger.error("History was lost: the store refused it to the end", metadata: ["changes": "\(lost)"])
        }
    }

    // MARK: The thread's own work

    private func handle(_ facts: [Fact], on desk: inout Desk) {
        if facts.isEmpty { return }
        let rules = shared.withLock(\.rules)
        let now = MonotonicClock.nanoseconds()
        var entries = desk.unstored.map { Entry(changes: [$0]) }
        var barriers: [@Sendable () -> Void] = []
        for fact in facts {
            var entry = Entry(changes: [])
            switch fact {
            case .function(let function, let at): entry.changes = [.function(function, at: at)]
            case .environmentStarted(let environment):
                desk.environments[environment.id] = LiveEnvironment(record: environment)
                entry.changes = [.environmentStarted(environment)]
            case .environmentReady(let environment, let events):
                desk.environments[environment.id]?.record = environment
                // Judged and stored with the first invocation, whose cold start they are.
                desk.environments[environment.id]?.carried += events
                entry.changes = [.environmentUpdated(environment)]
            case .imports(let environment, let imports): entry.changes = [.imports(environment, imports)]
            case .environmentPrinted(let environment, let output):
                entry.changes = [.environmentPrinted(environment, output)]
            case .invocationStarted(let invocation):
                desk.begun[invocation.id] = Begun(record: invocation, since: now)
                continue
            case .invocationEnded(let ended, let committed):
                desk.begun[ended.record.id] = nil
                let findings = desk.close(ended, rules: rules, changes: &entry.changes)
                entry.answer = { committed($0.map { findings }) }
            case .environmentEnded(let environment, let events):
                desk.close(environment, events: events, rules: rules, changes: &entry.changes)
            case .freeze(let span): entry.changes = [.freeze(span)]
            case .reminder:
                desk.isReminded = false
                continue
            case .barrier(let reached):
                barriers.append(reached)
                continue
            }
            entries.append(entry)
        }
        // All of them where somebody waits for all.
        let overdue = desk.takeBegun(before: barriers.isEmpty ? now - Self.patience : .max)
        entries += overdue.map { Entry(changes: [.invocationStarted($0)]) }
        if !desk.begun.isEmpty, !desk.isReminded { desk.isReminded = inbox.send(.reminder, isUrgent: false) }
        let wasWell = desk.unstored.isEmpty
        desk.unstored = []
        commit(entries, on: &desk, wasWell: wasWell)
        for reached in barriers { reached() }
    }

    /// Changes that stand or fall together, and who waits for them.
    private struct Entry {
        var changes: [HistoryStore.Change]
        var answer: (Result<Void, any Error>) -> Void = { _ in }
    }

    /// Commits a group; what the store cannot take now is kept, what it will never take is dropped and said.
    private func commit(_ entries: [Entry], on desk: inout Desk, wasWell: Bool) {
        let changes = entries.flatMap(\.changes)
        do {
            if !changes.isEmpty { alerts.forward(try store.commit(changes).alerts.compactMap(AlertNotice.init)) }
            noteSuccess()
            for entry in entries { entry.answer(.success(())) }
        } catch let failure as StoreFailure where !failure.isTransient && failure != .closed {
            guard entries.count == 1 else {
                // One of them is at fault; the others must not suffer for it.
                for entry in entries { commit([entry], on: &desk, wasWell: wasWell) }
                return
            }
            logger.critical("A part of the history cannot be stored and is lost", metadata: ["error": "\(failure)"])
            entries.first?.answer(.failure(failure))
        } catch {
            // Kept, to be stored when the store can: a later row may refer to an earlier one.
            desk.unstored += changes
            noteFailure(error, backlog: desk.unstored, isNew: wasWell)
            for entry in entries { entry.answer(.failure(error)) }
        }
    }

    private func noteSuccess() {
        let recovered = shared.withLock { shared in
            defer { (shared.failure, shared.backlog, shared.weight) = (nil, 0, 0) }
            return shared.failure != nil
        }
        if recovered { logger.notice("The history can be written again") }
    }

    private func noteFailure(_ error: any Error, backlog: [HistoryStore.Change], isNew: Bool) {
        let weight = backlog.map(\.weight).reduce(0, +)
        shared.withLock { ($0.failure, $0.backlog, $0.weight) = ("\(error)", backlog.count, weight) }
        if isNew { logger.error("The history cannot be written", metadata: ["error": "\(error)"]) }
    }
}

/// Why an invocation was not recorded.
enum RecorderFailure: Error, CustomStringConvertible {
    case closed

    var description: String { "the daemon is shutting down; the history is closed" }
}

/// What the recorder's thread keeps between groups.
private struct Desk {
    let allowances: Allowances
    var environments: [EnvironmentID: LiveEnvironment] = [:]
    /// Changes that the store has refused so far, oldest first.
    var unstored: [HistoryStore.Change] = []
    /// Invocations whose begin is not stored: most end before that is worth a row, which their end would write again.
    var begun: [InvocationID: Begun] = [:]
    /// Whether a ``Recorder/Fact/reminder`` is under way.
    var isReminded = false

    /// The invocations that had begun by a moment of the monotonic clock; they are the caller's to store.
    mutating func takeBegun(before moment: Int64) -> [InvocationRecord] {
        let overdue = begun.values.filter { $0.since < moment }.sorted { $0.since < $1.since }.map(\.record)
        for record in overdue { begun[record.id] = nil }
        return overdue
    }

    /// Folds in the end of an invocation, judges it, and adds what is to be stored.
    mutating func close(
        _ ended: EndedInvocation,
        rules: RuleBook,
        changes: inout [HistoryStore.Change]
    ) -> [Finding] {
        let record = ended.record
        changes.append(.invocationEnded(record))
        guard let id = record.environment, let ordinal = record.ordinal, let outcome = record.outcome,
            environments[id] != nil
        else { return [] }
        let invocation = InvocationReference(id: record.id, ordinal: ordinal, outcome: outcome)
        return judge(id, invocation: invocation, events: ended.events, rules: rules, changes: &changes)
    }

    /// Folds in the end of an environment, and forgets it.
    mutating func close(
        _ environment: EnvironmentRecord,
        events: [LoopEvent],
        rules: RuleBook,
        changes: inout [HistoryStore.Change]
    ) {
        if environments[environment.id] != nil {
            environments[environment.id]?.record = environment
            _ = judge(environment.id, invocation: nil, events: events, rules: rules, changes: &changes)
            environments[environment.id] = nil
        }
        changes.append(.environmentUpdated(environment))
    }

    private mutating func judge(
        _ id: EnvironmentID,
        invocation: InvocationReference?,
        events: [LoopEvent],
        rules: RuleBook,
        changes: inout [HistoryStore.Change]
    ) -> [Finding] {
        guard var live = environments.removeValue(forKey: id) else { return [] }
        let events = live.carried.isEmpty ? events : live.carried + events
        live.carried = []
        let findings = allowances.remaining(of: live.judge(events, invocation: invocation, rules: rules))
        if let invocation { live.remember(invocation) }
        if !events.isEmpty {
            changes.append(.events(id, invocation: invocation?.id, events))
            let touched = Set(events.compactMap(\.loop)).sorted().compactMap { live.ledger.loops[$0] }
            if !touched.isEmpty { changes.append(.loops(id, touched)) }
        }
        environments[id] = live
        if !findings.isEmpty { changes.append(.findings(findings, at: .now)) }
        return findings
    }
}

/// An invocation that has begun, and when that was heard of.
private struct Begun {
    var record: InvocationRecord
    /// On the monotonic clock, in nanoseconds.
    var since: Int64
}

/// An environment whose end has not been recorded.
private struct LiveEnvironment {
    /// Invocations whose ids are remembered for events that come late.
    static let remembered = 64

    var record: EnvironmentRecord
    var ledger = Ledger()
    /// Events that wait for the invocation they will be judged with.
    var carried: [LoopEvent] = []
    var earlier: [Int: InvocationID] = [:]

    init(record: EnvironmentRecord) { self.record = record }

    /// Folds in what has happened, and gives what the rules find in it.
    ///
    /// A call of its own, so that the timeline is gone before anything is changed that it shares.
    mutating func judge(_ events: [LoopEvent], invocation: InvocationReference?, rules: RuleBook) -> [Finding] {
        let timeline = Timeline(
            environment: record,
            invocation: invocation,
            earlier: earlier,
            before: ledger,
            events: events
        )
        ledger = timeline.after
        return rules.findings(in: timeline)
    }

    mutating func remember(_ invocation: InvocationReference) {
        earlier[invocation.ordinal] = invocation.id
        earlier[invocation.ordinal - Self.remembered] = nil
    }
}
