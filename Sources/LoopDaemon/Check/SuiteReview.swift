import LoopModel
import LoopOS

/// Finds out which tests go wrong only after another one, by sessions of a few tests.
struct SuiteReview {
    /// What fails is looked into, up to so many tests.
    private static let mostVictims = 3
    /// Earlier tests that a finding blames are tried one by one, up to so many for each test that fails.
    private static let mostSuspects = 2
    /// Where nobody is to blame they are tried by halves, in so many sessions at most: enough for 256 tests.
    private static let mostHalvings = 9
    /// Findings about two tests that both pass, and are tried.
    private static let mostCrossings = 3
    /// What asyncio and executors say when something has outlived its loop.
    private static let loopErrors = [
        "Event loop is closed", "different loop", "different event loop", "no current event loop",
        "after shutdown", "Event loop stopped", "already running",
    ]

    private let session: SuiteSession
    private let suite: FunctionConfiguration
    private let plan: SuitePlan
    private let runner: EmbeddedRunner
    private let progress: (String) -> Void

    init(
        of session: SuiteSession,
        _ suite: FunctionConfiguration,
        _ plan: SuitePlan,
        on runner: EmbeddedRunner,
        progress: @escaping (String) -> Void
    ) {
        self.session = session
        self.suite = suite
        self.plan = plan
        self.runner = runner
        self.progress = progress
    }

    /// The pairs of tests that were seen to go wrong one after the other, and not alone.
    ///
    /// - Throws: when the runner takes no invocation.
    func dependences() async throws -> [TestDependence] {
        var found: [TestDependence] = []
        let victims = session.tests.indices.filter { $0 > 0 && session.tests[$0].result == .failed && isAnswered($0) }
        for victim in victims.prefix(Self.mostVictims) {
            progress("is \(session.tests[victim].id) to blame?")
            if let dependence = try await dependence(of: victim) { found.append(dependence) }
        }
        let crossings = session.findings.filter { finding in
            guard let ordinal = finding.ordinal, session.tests.indices.contains(ordinal) else { return false }
            return session.tests[ordinal].result != .failed && !suspects(of: finding).isEmpty
        }
        for finding in crossings.prefix(Self.mostCrossings) {
            if let dependence = try await dependence(of: finding) { found.append(dependence) }
        }
        return found
    }

    private func isAnswered(_ test: Int) -> Bool {
        session.records.indices.contains(test) && session.records[test].outcome == .error
    }

    /// Earlier tests that a finding names.
    private func suspects(of finding: Finding) -> [Int] {
        guard let ordinal = finding.ordinal else { return [] }
        let earlier = Set(finding.related.compactMap(\.ordinal)).filter { $0 < ordinal }
        return earlier.sorted(by: >)
    }

    private func dependence(of victim: Int) async throws -> TestDependence? {
        // Alone it may fail for another reason: that the one before has not made something.
        if try await fails(victim, after: []) { return nil }
        var suspects: [Int] = []
        for finding in session.findings where finding.ordinal == victim {
            for suspect in self.suspects(of: finding) where !suspects.contains(suspect) { suspects.append(suspect) }
        }
        for suspect in suspects.prefix(Self.mostSuspects) where try await fails(victim, after: [suspect]) {
            return told(victim, after: suspect)
        }
        let error = session.records[victim].errorMessage ?? ""
        guard Self.loopErrors.contains(where: error.contains) else { return nil }
        return try await culprit(of: victim).map { told(victim, after: $0) }
    }

    /// The one earlier test without which it would pass, by halves; nil: there is no such, or it takes too long.
    private func culprit(of victim: Int) async throws -> Int? {
        var candidates = Array(0..<victim)
        var halvings = 0
        while candidates.count > 1 {
            let middle = candidates.count / 2
            // What is near is more likely to blame.
            let (near, far) = (Array(candidates[middle...]), Array(candidates[..<middle]))
            halvings += 1
            guard halvings <= Self.mostHalvings else { return nil }
            if try await fails(victim, after: near) {
                candidates = near
            } else {
                candidates = far
            }
        }
        guard let last = candidates.first, try await fails(victim, after: [last]) else { return nil }
        return last
    }

    private func fails(_ victim: Int, after others: [Int]) async throws -> Bool {
        guard let few = try await run(others + [victim]), let record = few.records.last else { return false }
        return few.tests.last?.result == .failed && record.errorType == session.records[victim].errorType
    }

    private func dependence(of finding: Finding) async throws -> TestDependence? {
        guard let ordinal = finding.ordinal, let suspect = suspects(of: finding).first,
            let pair = try await run([suspect, ordinal]),
            pair.findings.contains(where: { $0.rule == finding.rule && $0.site == finding.site && $0.ordinal == 1 })
        else { return nil }
        return TestDependence(
            test: session.tests[ordinal].id,
            after: session.tests[suspect].id,
            what: finding.rule,
            command: plan.command(for: [session.tests[suspect].id, session.tests[ordinal].id])
        )
    }

    private func told(_ victim: Int, after suspect: Int) -> TestDependence {
        TestDependence(
            test: session.tests[victim].id,
            after: session.tests[suspect].id,
            what: session.tests[victim].reason,
            command: plan.command(for: [session.tests[suspect].id, session.tests[victim].id])
        )
    }

    /// Runs a few tests in a session of their own; nil where pytest makes something else of it.
    private func run(_ tests: [Int]) async throws -> SuiteSession? {
        let names = tests.map { session.tests[$0].id }
        let cache = "\(ThisProcess.environment["TMPDIR"] ?? "/tmp")/loopwarden-pytest-\(EnvironmentID.random().short)"
        defer { try? Folder.removeAll(cache) }
        let narrowed = plan.narrowed(suite, to: names, cache: cache)
        let pair = try await SuiteSession(of: narrowed, on: runner)
        guard pair.collection.outcome == .ok, pair.tests.map(\.id) == names else { return nil }
        return pair
    }
}
