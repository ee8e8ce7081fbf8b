package import LoopModel

/// One invocation with everything that is kept of it.
package struct ShowReport: Report {
    package let name = "show"
    package let summary = "One invocation with its timeline, its findings and the last of its output."

    package init() {}

    package func document(for request: ReportRequest, from history: any HistoryReading) async throws -> ReportDocument {
        guard let prefix = request.invocation, !prefix.isEmpty else { throw ReportFailure.invocationMissing }
        guard let detail = try await history.invocation(withID: prefix) else {
            throw ReportFailure.invocationNotFound(prefix)
        }
        let invocation = detail.invocation
        return ReportDocument(
            schema: schema,
            title: "Invocation \(invocation.id.short) of \(invocation.function)",
            sections: [
                ReportDocument.Section(key: "invocation", content: .fields(Self.fields(of: detail))),
                ReportDocument.Section(
                    key: "timeline",
                    title: "Timeline",
                    content: TimelineTable(detail.events, ordinal: invocation.ordinal).content,
                    emptyNote: detail.environment?.host == .provided
                        ? "The function has a runtime of its own, in which no loop is seen."
                        : "No event was recorded: the handler has nothing to do with event loops, or never ran."
                ),
                FreezeTable(detail.freezes).section,
                ReportDocument.Section(
                    key: "findings",
                    title: "Findings",
                    content: .findings(detail.findings),
                    emptyNote: "None."
                ),
                ReportDocument.Section(
                    key: "memoryAdviceText",
                    title: "Memory",
                    content: .text(MemoryAdvice(invocation)?.text ?? "")
                ),
                ReportDocument.Section(
                    key: "stackTraceText",
                    title: "Stack trace",
                    content: .text(invocation.stackTrace ?? "")
                ),
                ReportDocument.Section(
                    key: "outputText",
                    title: "The last of what the handler printed",
                    content: .text(invocation.logTail)
                ),
            ]
        )
    }

    private static func fields(of detail: InvocationDetail) -> [ReportDocument.Field] {
        let invocation = detail.invocation
        let environment = detail.environment
        return [
            ReportDocument.Field("id", "Invocation", .text(invocation.id.rawValue)),
            ReportDocument.Field("requestId", "Request", .request(of: invocation)),
            ReportDocument.Field("run", "Run", .optional(invocation.run?.rawValue)),
            ReportDocument.Field("attempt", "Attempt", invocation.attempt.map(ReportDocument.Cell.integer) ?? .none),
            ReportDocument.Field("function", "Function", .text(invocation.function.rawValue)),
            ReportDocument.Field("requestedAt", "Requested at", .time(invocation.requestedAt)),
            ReportDocument.Field("start", "Start", .start(of: invocation)),
            ReportDocument.Field("cause", "Cause", .optional(invocation.cause?.rawValue)),
            ReportDocument.Field("outcome", "Outcome", .outcome(invocation.outcome)),
            ReportDocument.Field("errorType", "Error", .optional(invocation.errorType)),
            ReportDocument.Field("errorMessage", "Message", .optional(invocation.errorMessage)),
            ReportDocument.Field("durationNs", "Duration", .duration(invocation.duration)),
            ReportDocument.Field(
                "initNs",
                "Init",
                invocation.initialization.map(ReportDocument.Cell.duration) ?? .none
            ),
            ReportDocument.Field("inits", "Loaded", .inits(invocation.inits)),
            ReportDocument.Field("queuedNs", "Queued", .duration(invocation.queued)),
            ReportDocument.Field(
                "frozenNs",
                "Frozen before",
                invocation.frozen.map(ReportDocument.Cell.duration) ?? .none
            ),
            ReportDocument.Field("requestBytes", "Request", .size(invocation.requestSize)),
            ReportDocument.Field("responseBytes", "Response", .size(invocation.responseSize)),
            ReportDocument.Field("run", "Run", .optional(invocation.run?.rawValue)),
            ReportDocument.Field(
                "peakMemoryBytes",
                "Most memory held",
                invocation.peakMemory.map(ReportDocument.Cell.size) ?? .none
            ),
            ReportDocument.Field(
                "exceededMemoryBytes",
                "Killed at its memory limit",
                invocation.exceededMemory.map(ReportDocument.Cell.size) ?? .none
            ),
            ReportDocument.Field("environment", "Environment", .optional(invocation.environment?.rawValue)),
            ReportDocument.Field(
                "ordinal",
                "Number in it",
                invocation.ordinal.map(ReportDocument.Cell.integer) ?? .none
            ),
            ReportDocument.Field("python", "Python", .optional(environment?.pythonVersion)),
            ReportDocument.Field("host", "Host profile", .optional(environment?.host.rawValue)),
            ReportDocument.Field(
                "loop",
                "Loop",
                environment.map { $0.host == .provided ? .none : .text($0.loop.rawValue) } ?? .none
            ),
            ReportDocument.Field("startMode", "Start mode", .optional(environment?.start.rawValue)),
            ReportDocument.Field("predecessor", "Reset of", .optional(environment?.predecessor?.rawValue)),
            ReportDocument.Field("end", "End", .optional(environment?.end)),
            ReportDocument.Field("shutdownReason", "Shutdown", .optional(environment?.shutdownReason?.rawValue)),
            ReportDocument.Field("processID", "Process", environment.map { .known(Int($0.processID)) } ?? .none),
            ReportDocument.Field("stackTrace", "Stack trace", .lines(invocation.stackTrace)),
            ReportDocument.Field("output", "Output", .lines(invocation.logTail)),
        ]
    }
}
