package import LoopModel

/// What of the rules' findings matters in a suite of tests, told with the names of its tests.
///
/// A test may do what a handler must not, and look whether it fails: so of a test that passes only what it leaves
/// behind is told, and what goes wrong because of another test.
package struct SuiteJudgement: Sendable {
    /// The rules that tell what is left behind.
    private static let leavings: Set<String> = [
        "fire-and-forget", "foreign-close", "leaked-loop", "leaked-subprocess", "leaked-thread", "never-awaited",
        "pending-task", "poisoned-slot", "unclosed-asyncgen", "unclosed-resource", "unretrieved-exception",
    ]
    /// The rules that tell of production, or of taste, and not of one test and another.
    private static let others: Set<String> = [
        "blocking-call", "deprecated-api", "descriptor-growth", "missing-timeout", "module-scope-loop", "nest-asyncio",
        "sequential-awaits", "windows-unsafe",
    ]

    private static let makes: Set<RelatedSite.Role> = [.created, .started, .left]

    private let tests: [TestSession.Test]

    /// - Parameter tests: in their order; the environment's invocation 0 is their collection, the first is its 1.
    package init(_ tests: [TestSession.Test]) { self.tests = tests }

    /// The findings of a session that matter, with the tests counted from 0.
    package func judge(_ findings: [Finding]) -> [Finding] { findings.filter(matters).map(retold) }

    private func matters(_ finding: Finding) -> Bool {
        if Self.leavings.contains(finding.rule) { return true }
        if Self.others.contains(finding.rule) { return false }
        let test = finding.ordinal.flatMap { tests.indices.contains($0 - 1) ? tests[$0 - 1] : nil }
        if test?.result == .failed { return true }
        return finding.related.contains { $0.ordinal != nil && $0.ordinal != finding.ordinal }
    }

    /// The name of an invocation.
    private func name(_ ordinal: Int) -> String {
        if ordinal < 1 { return "the collection" }
        return tests.indices.contains(ordinal - 1) ? tests[ordinal - 1].id : "the end of the session"
    }

    private func retold(_ finding: Finding) -> Finding {
        let retelling = Retelling(name: name)
        var finding = finding
        // What is left is the business of the test that made it, whoever finds it.
        let makers = finding.related.filter { Self.makes.contains($0.role) }.compactMap(\.ordinal)
        if Self.leavings.contains(finding.rule), let maker = makers.max() { finding.ordinal = maker }
        finding.message = retelling.text(finding.message)
        finding.advice = retelling.text(finding.advice)
        finding.test = finding.ordinal.map(name)
        finding.related = finding.related.map { site in
            var site = site
            site.test = site.ordinal.map(name) ?? "while the tests were collected"
            site.ordinal = counted(site.ordinal)
            return site
        }
        finding.ordinal = counted(finding.ordinal)
        return finding
    }

    private func counted(_ ordinal: Int?) -> Int? { ordinal.flatMap { $0 < 1 ? nil : $0 - 1 } }
}
