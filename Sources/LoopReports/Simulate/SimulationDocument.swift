package import LoopModel

extension SimulationReport {
    /// How it went, how the functions fared, what was found, and the verdict.
    package var document: ReportDocument {
        ReportDocument(
            schema: "loopwarden.simulation/1",
            title: "Simulation \(run)",
            sections: [
                .init(key: "simulation", content: .fields(summary)),
                .init(key: "functions", title: "Functions", content: functionTable),
                .init(key: "latencies", title: "Latency", content: latencyTable, emptyNote: "Nothing ran."),
                .init(key: "coldStarts", title: "Cold starts", content: coldTable, emptyNote: "None."),
                .init(
                    key: "environments",
                    title: "Environments, over \(simulated.spoken)",
                    content: environmentTable
                ),
                .init(
                    key: "errors",
                    title: functions.allSatisfy(\.failures.isEmpty) ? "" : "Errors",
                    content: errorTable
                ),
                .init(key: "recurring", title: findings.isEmpty ? "" : "Findings", content: findingTable),
                .init(key: "findings", content: .findings(findings.map(\.finding))),
                .init(key: "verdict", content: .text(conclusion)),
            ]
        )
    }

    private var summary: [ReportDocument.Field] {
        [
            .init("run", "run", .text(run.rawValue)),
            .init("scenario", "scenario", .text(scenario)),
            .init("seed", "seed", .pair(shown: "\(seed)", .raw("\(seed)"))),
            .init("plannedNs", "planned", .duration(planned)),
            .init("simulatedNs", "simulated", .duration(simulated)),
            .init("tookNs", "took", .duration(took)),
            .init("interrupted", "interrupted", .flag(isInterrupted)),
            .init("invocations", "invocations", .integer(functions.reduce(0) { $0 + $1.invocations })),
            .init("environments", "environments", .integer(functions.reduce(0) { $0 + $1.environmentsStarted })),
            .init("leakedLoops", "leaked loops", .integer(loopsLeaked)),
            .init("result", "result", .marked(verdict.rawValue, verdict == .clean ? .good : .bad)),
            .init("history", "history", keptIn.map(ReportDocument.Cell.text) ?? .none),
        ]
        .filter { $0.key != "history" || keptIn != nil }
    }

    // MARK: Tables

    private var functionTable: ReportDocument.Content {
        let columns: [ReportDocument.Column] = [
            .init("function", "Function"),
            .init("invocations", "Invocations", isTrailing: true),
            .init("ok", "Ok", isTrailing: true),
            .init("failed", "Failed", isTrailing: true),
            .init("rejected", "Rejected", isTrailing: true, rank: 2),
            .init("cold", "Cold", isTrailing: true),
            .init("coldShare", "Cold share", isTrailing: true),
            .init("peakMemoryBytes", "Memory, peak", isTrailing: true, rank: 1),
        ]
        let rows: [[ReportDocument.Cell]] = functions.map { tally in
            [
                .text(tally.function.rawValue),
                .integer(tally.invocations),
                .integer(tally.outcomes[.ok] ?? 0),
                .integer(tally.failed),
                .integer(tally.rejected),
                .integer(tally.cold),
                .share(tally.cold, of: tally.ran),
                tally.peakMemory.map(ReportDocument.Cell.size) ?? .none,
            ]
        }
        return .table(columns: columns, rows: rows)
    }

    private var latencyTable: ReportDocument.Content {
        let columns: [ReportDocument.Column] = [
            .init("function", "Function"),
            .init("part", "Of"),
            .init("count", "Count", isTrailing: true, rank: 1),
            .init("p50Ns", "p50", isTrailing: true),
            .init("p90Ns", "p90", isTrailing: true),
            .init("p99Ns", "p99", isTrailing: true),
            .init("maxNs", "Max", isTrailing: true),
        ]
        var rows: [[ReportDocument.Cell]] = []
        for tally in functions {
            let parts = [
                ("total", tally.latencies), ("queue", tally.queued), ("init", tally.initializations),
                ("handler", tally.durations),
            ]
            for (part, durations) in parts {
                guard let found = Percentiles(of: durations) else { continue }
                rows.append([
                    .text(tally.function.rawValue), .text(part), .integer(found.count), .duration(found.p50),
                    .duration(found.p90), .duration(found.p99), .duration(found.longest),
                ])
            }
        }
        return .table(columns: columns, rows: rows)
    }

    private var coldTable: ReportDocument.Content {
        let columns: [ReportDocument.Column] = [
            .init("function", "Function"),
            .init("cause", "Cause"),
            .init("count", "Count", isTrailing: true),
            .init("share", "Share of invocations", isTrailing: true),
        ]
        let rows = functions.flatMap { tally in
            ColdStartCause.allCases.compactMap { cause -> [ReportDocument.Cell]? in
                guard let count = tally.coldByCause[cause] else { return nil }
                return [
                    .text(tally.function.rawValue), .text(cause.rawValue), .integer(count),
                    .share(count, of: tally.ran),
                ]
            }
        }
        return .table(columns: columns, rows: rows)
    }

    /// How many stretches of time a line of blocks, and the series in the JSON form, have.
    private static let stretches = 48

    private var environmentTable: ReportDocument.Content {
        let columns: [ReportDocument.Column] = [
            .init("function", "Function"),
            .init("started", "Started", isTrailing: true),
            .init("peak", "Peak", isTrailing: true),
            .init("mean", "Mean", isTrailing: true),
            .init("series", "The most at once, over time", rank: 1),
        ]
        let rows: [[ReportDocument.Cell]] = functions.map { tally in
            let peaks = tally.environments.peaks(in: Self.stretches, until: simulated)
            let mean = tally.environments.mean(until: simulated)
            return [
                .text(tally.function.rawValue),
                .integer(tally.environmentsStarted),
                .integer(tally.environments.peak),
                .pair(shown: Self.decimal(mean), .double(mean)),
                .pair(shown: Self.blocks(peaks), .array(peaks.map { .int(Int64($0)) })),
            ]
        }
        return .table(columns: columns, rows: rows)
    }

    private var errorTable: ReportDocument.Content {
        let columns: [ReportDocument.Column] = [
            .init("function", "Function"),
            .init("outcome", "Outcome"),
            .init("errorType", "Type"),
            .init("count", "Count", isTrailing: true),
            .init("errorMessage", "The first of them", rank: 1),
        ]
        let rows: [[ReportDocument.Cell]] = functions.flatMap { tally in
            tally.failures.map { failure, count in
                [
                    .text(tally.function.rawValue), .outcome(failure.outcome), .optional(failure.type),
                    .integer(count), .optional(failure.message),
                ]
            }
        }
        return .table(columns: columns, rows: rows)
    }

    private var findingTable: ReportDocument.Content {
        let columns: [ReportDocument.Column] = [
            .init("severity", "Severity"),
            .init("rule", "Rule"),
            .init("function", "Function", rank: 1),
            .init("site", "Site"),
            .init("count", "Times", isTrailing: true),
            .init("fingerprint", "Fingerprint", isHidden: true),
        ]
        let rows: [[ReportDocument.Cell]] = findings.map { finding, count in
            [
                .severity(finding.severity), .text(finding.rule), .text(finding.function.rawValue),
                .line(finding.site), .integer(count), .text(finding.fingerprint),
            ]
        }
        return .table(columns: columns, rows: rows)
    }

    // MARK: Words

    /// One sentence or two that end it.
    private var conclusion: String {
        let invocations = functions.reduce(0) { $0 + $1.invocations }
        let failed = functions.reduce(0) { $0 + $1.failed }
        let environments = functions.reduce(0) { $0 + $1.environmentsStarted }
        let extent = "\(counted(invocations, "invocation")), \(counted(environments, "environment"))"
        let cut = isInterrupted ? "Interrupted after \(simulated.spoken) of \(planned.spoken). " : ""
        let notes = omissions.map { "\n\($0)." }.joined()
        switch verdict {
        case .clean: return "\(cut)Clean: nothing found in \(extent).\(notes)"
        case .findings:
            let found = findings.count { $0.finding.severity >= threshold }
            let parts = [
                found > 0 ? counted(found, "finding") : nil,
                failed > 0 ? "\(counted(failed, "invocation")) failed" : nil,
            ]
            return "\(cut)\(parts.compactMap(\.self).joined(separator: ", ")) in \(extent).\(notes)"
        case .failsCold:
            let names = functions.filter(\.failsCold).map { "\($0.function)" }.joined(separator: ", ")
            return "\(cut)\(names) never succeeded cold, in \(extent).\(notes)"
        }
    }

    private func counted(_ count: Int, _ word: String) -> String { "\(count) \(word)\(count == 1 ? "" : "s")" }

    private static func decimal(_ number: Double) -> String {
        let hundredths = Int((number * 100).rounded())
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }

    /// A line of blocks as high as the numbers, the largest of which fills its place; a dot is none.
    private static func blocks(_ numbers: [Int]) -> String {
        let heights = Array("▁▂▃▄▅▆▇█")
        let most = max(numbers.max() ?? 1, 1)
        return String(numbers.map { $0 <= 0 ? "·" : heights[($0 * heights.count - 1) / most] })
    }
}

extension ReportDocument.Cell {
    /// `12.5 %`; programs get the share itself.
    fileprivate static func share(_ part: Int, of whole: Int) -> Self {
        guard whole > 0 else { return .none }
        let tenths = (part * 1000 + whole / 2) / whole
        return .pair(shown: "\(tenths / 10).\(tenths % 10) %", .double(Double(part) / Double(whole)))
    }
}
