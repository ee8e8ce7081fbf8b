/// What belongs together in a log: an invocation, or what an environment has printed outside of any.
package struct LogPart: Hashable, Sendable {
    package var function: FunctionName
    /// nil for an invocation that never got one.
    package var environment: LoggedEnvironment?
    package var subject: Subject
    package var output: LoggedText
    package var at: WallTime

    package enum Subject: Hashable, Sendable {
        /// The handler is being loaded: what the platform says of its beginning.
        case start
        case invocation(InvocationRecord)
        case phase(OutputPhase)
    }

    package init(
        function: FunctionName,
        environment: LoggedEnvironment?,
        subject: Subject,
        output: LoggedText = LoggedText(),
        at: WallTime
    ) {
        self.function = function
        self.environment = environment
        self.subject = subject
        self.output = output
        self.at = at
    }

    /// Its lines, in order.
    package var lines: [LogLine] {
        switch subject {
        case .start:
            environment.flatMap { PlatformLog($0).initStart(of: function) }.map { [platform($0, at: at)] } ?? []
        case .phase: printed(from: at)
        case .invocation(let record): lines(of: record)
        }
    }

    private func lines(of record: InvocationRecord) -> [LogLine] {
        guard let environment else { return [] }
        let id = record.requestID ?? record.id
        let log = PlatformLog(environment)
        let output = printed(from: record.beganAt, of: record)
        // A handler that was never called has printed while it was loaded for the last time.
        let wasCalled = record.inits.last.map { $0.status == .success } ?? true
        let start = wasCalled ? min(record.beganAt, output.first?.at ?? record.beganAt) : record.beganAt
        var lines: [LogLine] = []
        for (number, attempt) in record.inits.enumerated() {
            let isLast = number == record.inits.count - 1
            if isLast, !wasCalled { lines += output }
            // It ended when the next was begun, and the last when the handler was called, or was not to be.
            let later = record.inits[(number + 1)...].map(\.duration).reduce(.zero, +)
            let at = WallTime(nanoseconds: start.nanoseconds - later.nanoseconds)
            if let text = log.initReport(attempt, at: at) { lines.append(platform(text, at: at, of: record)) }
        }
        if let text = log.start(id, of: function, at: start) { lines.append(platform(text, at: start, of: record)) }
        if wasCalled { lines += output }
        guard record.outcome != nil else { return lines }
        let end = WallTime(nanoseconds: start.nanoseconds + record.duration.nanoseconds)
        let last = max(end, lines.last?.at ?? end)
        return lines + log.ending(of: record, at: last).map { platform($0, at: last, of: record) }
    }

    private func platform(_ text: String, at: WallTime, of record: InvocationRecord? = nil) -> LogLine {
        line(text, at: at, of: record, isPlatform: true)
    }

    private func printed(from start: WallTime, of record: InvocationRecord? = nil) -> [LogLine] {
        output.lines(from: start).map { line($0.text, at: $0.at, of: record, isPlatform: false) }
    }

    private func line(_ text: String, at: WallTime, of record: InvocationRecord?, isPlatform: Bool) -> LogLine {
        LogLine(
            at: at,
            function: function,
            environment: environment,
            invocation: record?.id,
            request: record?.requestID,
            isPlatform: isPlatform,
            text: text
        )
    }
}

/// When an environment has printed something that belongs to no invocation.
package enum OutputPhase: String, Sendable, CaseIterable {
    case initialization = "init"
    /// After an answer, and before the next invocation: what runs in the background.
    case between
    case shutdown
}

/// What an environment has printed outside of any invocation.
package struct EnvironmentOutput: Hashable, Sendable {
    package var phase: OutputPhase
    /// When the first of it came.
    package var at: WallTime
    package var output: LoggedText

    package init(phase: OutputPhase, at: WallTime, output: LoggedText) {
        self.phase = phase
        self.at = at
        self.output = output
    }
}

extension InvocationRecord {
    /// When its handler was called, as near as is known.
    package var beganAt: WallTime {
        if let startedAt = log.startedAt { return startedAt }
        // What was loaded ahead was loaded before.
        let waited = cause?.isAhead == true ? queued : queued + (initialization ?? .zero)
        return WallTime(nanoseconds: requestedAt.nanoseconds + waited.nanoseconds)
    }

    /// What the handler has printed.
    package var output: LoggedText { LoggedText(text: logTail, times: log.times) }
}

extension [LogLine] {
    /// In the order of time; those of one instant stay as they are.
    package var inOrder: [LogLine] {
        enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    }
}
