import LoopModel
import LoopOS
import LoopReports
import LoopWire

/// One invocation or many in a row: each told as it ends where there are few, else all told together.
struct InvocationSeries {
    /// Of longer series only the whole is told.
    private static let longestTold = 20
    /// How often the progress line is written anew, in nanoseconds.
    private static let progressInterval: Int64 = 100_000_000

    private let count: Int
    private let printer: ReportPrinter
    private let looks: Looks
    private let showsProgress: Bool
    private var lastProgress: Int64 = 0
    private var outcomes: [Outcome: Int] = [:]
    private var coldStarts = 0
    /// From request to reply as seen from here, in nanoseconds.
    private var roundTrips: [Int64] = []
    /// By fingerprint, in the order in which they came first.
    private var findings: [(finding: Finding, count: Int)] = []
    private var indexByFingerprint: [String: Int] = [:]

    init(of count: Int, printer: ReportPrinter) {
        self.count = count
        self.printer = printer
        looks = Looks(ofErrors: printer.console, printer.style)
        showsProgress = count > Self.longestTold && !printer.style.isJSON && printer.console.errorWidth != nil
        roundTrips.reserveCapacity(min(count, 1 << 20))
    }

    /// How many did not end well.
    var failed: Int { outcomes.reduce(0) { $1.key == .ok ? $0 : $0 + $1.value } }

    /// Makes the next invocation and tells of it.
    mutating func add(_ invoke: () throws(CommandFailure) -> [UInt8]) throws(CommandFailure) {
        let start = MonotonicClock.nanoseconds()
        let body = try invoke()
        let end = MonotonicClock.nanoseconds()
        guard let reply = RunReply(parsing: body) else { throw .notUnderstood("it is no reply to an invocation") }
        take(reply, roundTrip: end - start)
        if printer.style.isJSON {
            try printer.printContract(body)
        } else if count <= Self.longestTold {
            try printer.printContract(reply.result)
            printer.console.say(InvocationLine(reply.record, looks: looks).text)
        } else if showsProgress, end - lastProgress >= Self.progressInterval {
            lastProgress = end
            printer.console.writeError(Array("\r\(progress)\u{1B}[K".utf8))
        }
    }

    /// Tells what there is to tell of them all.
    func finish() throws(CommandFailure) {
        guard !printer.style.isJSON else { return }
        if showsProgress { printer.console.writeError(Array("\r\u{1B}[K".utf8)) }
        if count > Self.longestTold { try printer.console.print(summary) }
        guard !findings.isEmpty else { return }
        let document = ReportDocument(
            schema: "loopwarden.findings/1",
            title: "",
            sections: [.init(key: "findings", content: .findings(findings.map(\.finding)))]
        )
        let text = document.rendered(as: looks.format, for: printer.reader(of: document))
        printer.console.writeError(Array(("\n" + text + (text.hasSuffix("\n") ? "" : "\n")).utf8))
        for (finding, count) in findings where count > 1 {
            printer.console.say(looks.marked("\(finding.rule) was found in \(count) of the invocations.", .quiet))
        }
    }

    private mutating func take(_ reply: RunReply, roundTrip: Int64) {
        roundTrips.append(roundTrip)
        if let outcome = reply.record.outcome { outcomes[outcome, default: 0] += 1 }
        if reply.record.isCold { coldStarts += 1 }
        for finding in reply.findings {
            let fingerprint = finding.fingerprint
            if let index = indexByFingerprint[fingerprint] {
                findings[index].count += 1
            } else {
                indexByFingerprint[fingerprint] = findings.count
                findings.append((finding, 1))
            }
        }
    }

    private var progress: String {
        let done = roundTrips.count
        return "\(done) of \(count) (\(done * 100 / count) %), \(failed) failed, \(findings.count) findings"
    }

    private var summary: String {
        let counts = Outcome.allCases.compactMap { outcome in outcomes[outcome].map { "\($0) \(outcome.rawValue)" } }
        let times = roundTrips.sorted()
        func percentile(_ part: Double) -> String {
            let index = min(times.count - 1, Int((Double(times.count) * part).rounded(.up)) - 1)
            return Duration.nanoseconds(times.isEmpty ? 0 : times[max(0, index)]).spoken
        }
        return "\(roundTrips.count) invocations: \(counts.joined(separator: ", ")); \(coldStarts) cold; "
            + "round trip p50 \(percentile(0.5)), p99 \(percentile(0.99)), longest \(percentile(1))"
    }
}
