internal import LoopModel

/// How often an environment's handler was loaded already, and within which time it is to be loaded now.
struct InitAttempts: Sendable {
    /// Whether a failure is repeated inside the invocation that waits, as on AWS Lambda.
    let areRepeated: Bool
    /// That of the attempt under way.
    private(set) var phase: InitReport.Phase
    private(set) var reports: [InitReport] = []
    /// How often the process crashed, one time after the other.
    private var crashes = 0
    /// What all attempts together have taken.
    private(set) var total = Duration.zero
    /// When the invocation's time is over that the handler is being loaded in.
    var deadline: Instant?

    /// - Parameters:
    ///   - areRepeated: whether it is done as on AWS Lambda.
    ///   - isReset: whether there was a process in this place before: then there is no phase of its own.
    init(areRepeated: Bool = false, isReset: Bool = false) {
        self.areRepeated = areRepeated
        phase = areRepeated && isReset ? .invocation : .initialization
    }

    /// Notes the end of the attempt under way.
    mutating func note(_ status: InitReport.Status, took duration: Duration, errorType: String? = nil) {
        total += duration
        // A single success in a phase of its own is what is always meant.
        if status == .success, phase == .initialization, reports.isEmpty { return }
        reports.append(InitReport(phase: phase, status: status, duration: duration, errorType: errorType))
        // The first is what began it, and of a handler that crashes again and again the latest are enough.
        if reports.count > Self.mostReports { reports.remove(at: 1) }
    }

    private static let mostReports = 20

    /// Notes an attempt that was broken off by others.
    mutating func noteNothing(took duration: Duration) { total += duration }

    /// The next attempt is made inside the invocation.
    mutating func repeatInside() { phase = .invocation }

    /// Hands out the reports, once.
    mutating func takeReports() -> [InitReport] {
        defer { reports = [] }
        return reports
    }

    /// How long to wait before a process is started anew that has crashed.
    mutating func pauseAfterCrash() -> Duration {
        crashes += 1
        return min(Self.shortestPause * (1 << min(crashes - 1, 10)), Self.longestPause)
    }

    private static let shortestPause = Duration.milliseconds(50)
    private static let longestPause = Duration.seconds(1)
}
