/// What a simulation has shown.
package struct SimulationReport: Sendable {
    /// By which the history knows it.
    package var run: RunName
    /// The scenario's file, as it was named.
    package var scenario: String
    package var seed: UInt64
    /// How long it was to go on, in simulated time.
    package var planned: Duration
    /// How long it went on, in simulated time.
    package var simulated: Duration
    /// How long that really took.
    package var took: Duration
    /// Whether somebody ended it before its end.
    package var isInterrupted: Bool
    /// By name.
    package var functions: [FunctionTally]
    /// Each once, with how often it was found; the most severe first.
    package var findings: [(finding: Finding, count: Int)]
    package var loopsLeaked: Int
    /// The mildest finding that counts.
    package var threshold = Severity.warning
    /// What was not simulated, in sentences.
    package var omissions: [String] = []
    /// How its history can be seen, for people; nil: it is not kept.
    package var keptIn: String?

    package init(
        run: RunName,
        scenario: String,
        seed: UInt64,
        planned: Duration,
        simulated: Duration,
        took: Duration,
        isInterrupted: Bool,
        functions: [FunctionTally],
        findings: [Finding],
        loopsLeaked: Int
    ) {
        self.run = run
        self.scenario = scenario
        self.seed = seed
        self.planned = planned
        self.simulated = simulated
        self.took = took
        self.isInterrupted = isInterrupted
        self.functions = functions.sorted { $0.function < $1.function }
        self.findings = Self.counted(findings)
        self.loopsLeaked = loopsLeaked
    }

    /// Each finding once: the first of its fingerprint.
    private static func counted(_ findings: [Finding]) -> [(finding: Finding, count: Int)] {
        var places: [String: Int] = [:]
        var counted: [(finding: Finding, count: Int)] = []
        for finding in findings {
            let fingerprint = finding.fingerprint
            if let place = places[fingerprint] {
                counted[place].count += 1
            } else {
                places[fingerprint] = counted.count
                counted.append((finding, 1))
            }
        }
        return counted.enumerated()
            .sorted { ($1.element.finding.severity, $0.offset) < ($0.element.finding.severity, $1.offset) }
            .map(\.element)
    }

    /// What all came to.
    package enum Verdict: String, Sendable {
        case clean
        /// Something was found, or an invocation failed.
        case findings
        /// A function never succeeded cold.
        case failsCold = "fails-cold"
    }

    package var verdict: Verdict {
        if functions.contains(where: \.failsCold) { return .failsCold }
        let counts = findings.contains { $0.finding.severity >= threshold }
        return counts || functions.contains { $0.failed > 0 } ? .findings : .clean
    }
}
