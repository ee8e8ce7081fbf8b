/// The lines that AWS Lambda itself writes into a function's log, in text or JSON (facts: lambda §3, §4, §7).
package struct PlatformLog: Sendable {
    /// The only version that a function has.
    private static let version = "$LATEST"

    private let environment: LoggedEnvironment

    package init(_ environment: LoggedEnvironment) { self.environment = environment }

    /// What is said when an environment is started; nil: nothing is.
    package func initStart(of function: FunctionName) -> String? {
        guard let runtime else { return nil }
        let arn = runtimeARN(of: runtime)
        guard environment.format == .json else {
            return "INIT_START Runtime Version: \(runtime)\tRuntime Version ARN: \(arn)"
        }
        return event(
            "initStart",
            at: environment.startedAt,
            [
                "initializationType": .string(environment.cause.initializationType), "phase": "init",
                "runtimeVersion": .string(runtime),
                "runtimeVersionArn": .string(arn), "functionName": .string(function.rawValue),
                "functionVersion": .string(Self.version),
            ]
        )
    }

    /// What is said of an attempt to load the handler; nil: nothing is, as of one that went well.
    package func initReport(_ attempt: InitReport, at moment: WallTime) -> String? {
        let failed = attempt.status != .success
        guard environment.format == .json else {
            guard failed else { return nil }
            let error = attempt.errorType.map { "\tError Type: \($0)" } ?? ""
            return "INIT_REPORT Init Duration: \(Self.milliseconds(attempt.duration)) ms\t"
                + "Phase: \(attempt.phase.rawValue)\tStatus: \(attempt.status.rawValue)\(error)"
        }
        return event(
            "initReport",
            .debug,
            failed: failed,
            at: moment,
            .object(
                [
                    .init("initializationType", .string(environment.cause.initializationType)),
                    .init("phase", .string(attempt.phase.rawValue)),
                    .init("status", .string(attempt.status.rawValue)),
                ] + Self.member("errorType", attempt.errorType) + [
                    .init("metrics", ["durationMs": .raw(Self.shortest(attempt.duration))])
                ]
            )
        )
    }

    /// What is said when an invocation begins; nil: nothing is.
    package func start(_ id: InvocationID, of function: FunctionName, at moment: WallTime) -> String? {
        guard environment.format == .json else { return "START RequestId: \(id) Version: \(Self.version)" }
        return event(
            "start",
            at: moment,
            [
                "requestId": .string(id.rawValue),
                "functionArn": .string(function.lambdaARN(in: environment.region)),
                "version": .string(Self.version),
            ]
        )
    }

    /// What is said of an invocation's end, up to its report.
    package func ending(of record: InvocationRecord, at moment: WallTime) -> [String] {
        let id = record.requestID ?? record.id
        guard environment.format == .json else {
            return failure(of: record, id, at: moment) + ["END RequestId: \(id)", report(of: record)]
        }
        let (status, error) = record.platformStatus
        let failed = status != "success"
        let duration = JSON.raw(Self.shortest(record.billedTime.handler))
        let done: [JSON.Member] = [.init("requestId", .string(id.rawValue)), .init("status", .string(status))]
        return [
            event(
                "runtimeDone",
                .debug,
                failed: failed,
                at: moment,
                .object(
                    done + Self.member("errorType", error) + [
                        .init("metrics", ["durationMs": duration, "producedBytes": JSON(record.responseSize)])
                    ]
                )
            ),
            event("report", failed: failed, at: moment, reportRecord(record, id, status, error)),
        ].compactMap(\.self)
    }

    /// The REPORT line in text, and below it what tells of a trace that is sampled.
    package func report(of record: InvocationRecord) -> String {
        let (handler, initialization) = record.billedTime
        var parts = [
            "RequestId: \(record.requestID ?? record.id)",
            "Duration: \(Self.milliseconds(handler)) ms",
            "Billed Duration: \(Self.billed(handler + (initialization ?? .zero))) ms",
            "Memory Size: \(environment.memory) MB",
        ]
        if let peak = record.peakMemory { parts.append("Max Memory Used: \(Self.megabytes(peak)) MB") }
        if let initialization { parts.append("Init Duration: \(Self.milliseconds(initialization)) ms") }
        switch record.platformStatus {
        case ("timeout", _): parts.append("Status: timeout")
        case ("error", let type?): parts += ["Status: error", "Error Type: \(type)"]
        default: break
        }
        let trace = record.log.trace.flatMap(Self.traced).map {
            "\nXRAY TraceId: \($0.root)\tSegmentId: \($0.segment)\tSampled: true"
        }
        return "REPORT " + parts.joined(separator: "\t") + (trace ?? "")
    }

    // MARK: What went wrong

    /// What is said where the handler itself could say nothing.
    private func failure(of record: InvocationRecord, _ id: InvocationID, at moment: WallTime) -> [String] {
        guard let message = record.errorMessage else { return [] }
        switch record.outcome {
        case .timeout:
            // The message has one form or the other, as the epoch has it; the log has this one in both.
            guard let start = message.firstRange(of: "Task timed out")?.lowerBound else { return [] }
            return ["\(moment.rfc3339) \(id) \(message[start...])\n"]
        case .crashed, .killed:
            let text = message.hasPrefix("RequestId: ") ? message : "RequestId: \(id) Error: \(message)"
            return ["\(text)\n\(record.errorType ?? "Runtime.ExitError")"]
        default: return []
        }
    }

    // MARK: JSON

    private func reportRecord(
        _ record: InvocationRecord,
        _ id: InvocationID,
        _ status: String,
        _ error: String?
    ) -> JSON {
        let (handler, initialization) = record.billedTime
        var metrics: [JSON.Member] = [
            .init("durationMs", .raw(Self.shortest(handler))),
            .init("billedDurationMs", .int(Self.billed(handler + (initialization ?? .zero)))),
            .init("memorySizeMB", JSON(environment.memory)),
        ]
        if let peak = record.peakMemory { metrics.append(.init("maxMemoryUsedMB", JSON(Self.megabytes(peak)))) }
        if let initialization { metrics.append(.init("initDurationMs", .raw(Self.shortest(initialization)))) }
        var members: [JSON.Member] = [.init("requestId", .string(id.rawValue)), .init("metrics", .object(metrics))]
        if let trace = record.log.trace, let traced = Self.traced(trace) {
            members.append(
                .init(
                    "tracing",
                    [
                        "spanId": .string(traced.segment), "type": "X-Amzn-Trace-Id",
                        "value": .string(trace),
                    ]
                )
            )
        }
        members.append(.init("status", .string(status)))
        return .object(members + Self.member("errorType", error))
    }

    /// An event, where the level that was asked for has it: AWS gives each a level, and a higher one to failures.
    private func event(
        _ type: String,
        _ level: LogLevel = .info,
        failed: Bool = false,
        at moment: WallTime,
        _ record: JSON
    ) -> String? {
        guard (failed ? .warn : level) >= environment.systemLevel else { return nil }
        let event: JSON = [
            "time": .string(moment.rfc3339), "type": .string("platform.\(type)"), "record": record,
        ]
        return event.text
    }

    private static func member(_ key: String, _ value: String?) -> [JSON.Member] {
        value.map { [.init(key, .string($0))] } ?? []
    }

    // MARK: Numbers

    /// Whole milliseconds, begun ones counted.
    private static func billed(_ duration: Duration) -> Int64 { (max(duration.nanoseconds, 1) + 999_999) / 1_000_000 }

    /// Whole MB, begun ones counted.
    private static func megabytes(_ bytes: Int) -> Int { (bytes + 1 << 20 - 1) >> 20 }

    /// With two decimals.
    static func milliseconds(_ duration: Duration) -> String {
        let hundredths = (duration.nanoseconds + 5000) / 10_000
        let fraction = String(hundredths % 100 + 100).dropFirst()
        return "\(hundredths / 100).\(fraction)"
    }

    /// With as many decimals as are needed, three at most and one at least.
    private static func shortest(_ duration: Duration) -> String {
        let thousandths = (duration.nanoseconds + 500) / 1000
        var fraction = String(thousandths % 1000 + 1000).dropFirst()
        while fraction.count > 1, fraction.hasSuffix("0") { fraction.removeLast() }
        return "\(thousandths / 1000).\(fraction)"
    }

    // MARK: Names

    /// `python:3.11.v7`.
    private var runtime: String? {
        let parts = environment.pythonVersion.split(separator: ".")
        guard parts.count >= 3 else { return nil }
        return "python:\(parts[0]).\(parts[1]).v\(parts[2])"
    }

    /// AWS names each build of a runtime by a digest; here it is one of the name alone.
    private func runtimeARN(of runtime: String) -> String {
        var digits = ""
        for seed in 0..<4 as Range<UInt64> {
            // FNV-1a.
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ seed
            for byte in runtime.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            let word = String(hash, radix: 16)
            digits += String(repeating: "0", count: 16 - word.count) + word
        }
        return "arn:aws:lambda:\(environment.region)::runtime:\(digits)"
    }

    /// The root and the parent of a trace header; nil where one is missing, or it is not sampled.
    private static func traced(_ header: String) -> (root: Substring, segment: String)? {
        let fields = Dictionary(
            header.split(separator: ";").compactMap { field -> (Substring, Substring)? in
                let halves = field.split(separator: "=", maxSplits: 1)
                return halves.count == 2 ? (halves[0], halves[1]) : nil
            }
        ) { first, _ in first }
        guard fields["Sampled"] == "1", let root = fields["Root"], let parent = fields["Parent"] else { return nil }
        return (root, String(parent))
    }
}

extension InvocationRecord {
    /// The handler's own time, in which AWS counts what it took to load the handler inside the time limit; and what
    /// loading it took elsewhere.
    fileprivate var billedTime: (handler: Duration, initialization: Duration?) {
        isInitSuppressed ? (duration + suppressedInit, nil) : (duration, initialization)
    }

    /// Success, error or timeout, and the kind of an error where it is the platform that tells of it.
    fileprivate var platformStatus: (status: String, errorType: String?) {
        switch outcome {
        case .timeout: ("timeout", nil)
        // What the handler raises is its own business, and not in the platform's words.
        case .error: ("error", errorType.flatMap { $0.isOfPlatform ? $0 : nil })
        // What ran out of memory is an exit in AWS's answer, and has its own name in its report.
        case .crashed where exceededMemory != nil: ("error", "Runtime.OutOfMemory")
        case .crashed, .killed: ("error", errorType ?? "Runtime.Unknown")
        case .ok, .lost, .rejected, nil: ("success", nil)
        }
    }
}

extension String {
    fileprivate var isOfPlatform: Bool { hasPrefix("Runtime.") || hasPrefix("Function.") || hasPrefix("Sandbox.") }
}

extension FunctionName {
    /// As callers of the Lambda API write it; the account is nobody's.
    package func lambdaARN(in region: String) -> String { "arn:aws:lambda:\(region):012345678912:function:\(self)" }
}
