import LoopModel

/// A small history with everything in it that reports must show, also what handlers should not have printed.
struct SampleHistory: HistoryReading {
    var isEmpty = false

    static let function = FunctionName(sanitizing: "orders")
    static let environment = EnvironmentID(rawValue: "0f1e2d3c4b5a69788796a5b4c3d2e1f0")
    static let cold = InvocationID(rawValue: "11111111-1111-4111-8111-111111111111")
    static let warm = InvocationID(rawValue: "22222222-2222-4222-8222-222222222222")
    static let start = WallTime(nanoseconds: 1_795_251_543_250_000_000)

    /// What a hostile handler prints and raises.
    static let hostile =
        "\u{1B}[31mred\u{1B}]0;title\u{7} \u{202E}txet <script>alert('x')</script> & \"漢字\" 🙂\r\n\tdone"

    static func line(_ line: Int, _ function: String = "handler") -> CodeLine {
        CodeLine(file: "handler.py", line: line, function: function)
    }

    func invocations(matching filter: HistoryFilter) -> [InvocationRecord] {
        guard !isEmpty else { return [] }
        var rejected = InvocationRecord(
            id: InvocationID(rawValue: "33333333-3333-4333-8333-333333333333"),
            function: FunctionName(sanitizing: "a-function-with-a-rather-long-name-of-many-words"),
            requestedAt: Self.after(.seconds(200))
        )
        rejected.outcome = .rejected
        rejected.errorType = "TooManyRequests"
        rejected.errorMessage = Self.hostile
        var running = InvocationRecord(
            id: InvocationID(rawValue: "44444444-4444-4444-8444-444444444444"),
            function: Self.function,
            requestedAt: Self.after(.seconds(100))
        )
        (running.environment, running.ordinal) = (Self.environment, 2)
        return [rejected, running, Self.warmInvocation, Self.coldInvocation]
    }

    func invocation(withID prefix: String) -> InvocationDetail? {
        guard !isEmpty else { return nil }
        if Self.warm.rawValue.hasPrefix(prefix) {
            return InvocationDetail(
                invocation: Self.warmInvocation,
                environment: Self.environmentRecord,
                events: Self.events,
                findings: [Self.finding],
                freezes: Self.freezes
            )
        }
        guard Self.cold.rawValue.hasPrefix(prefix) else { return nil }
        return InvocationDetail(invocation: Self.coldInvocation, environment: nil, events: [], findings: [])
    }

    /// One before the warm invocation, and one after it that is not over.
    private static var freezes: [FreezeSpan] {
        var first = FreezeSpan(
            environment: environment,
            following: 0,
            frozen: Instant(nanoseconds: 1_000_000_000),
            frozenAt: after(.seconds(2)),
            processes: 1,
            means: .signal
        )
        first.thawed = first.frozen + .seconds(42)
        first.thawedAt = after(.seconds(44))
        var second = first
        (second.following, second.frozen, second.frozenAt) = (1, first.frozen + .seconds(60), after(.seconds(62)))
        (second.thawed, second.thawedAt, second.means, second.processes) = (nil, nil, .controlGroup, 3)
        return [first, second]
    }

    func loops(matching filter: HistoryFilter, state: LoopFilter) -> [LoopRecord] {
        guard !isEmpty else { return [] }
        return Self.ledger.ordered.reversed().map { state in
            LoopRecord(
                function: Self.function,
                environment: Self.environment,
                state: state,
                isLeaked: state.serial.rawValue == 2,
                createdAt: Self.start
            )
        }
    }

    func findings(matching filter: HistoryFilter) -> [FindingRecord] {
        isEmpty
            ? []
            : [FindingRecord(finding: Self.finding, at: Self.start), FindingRecord(finding: Self.bare, at: Self.start)]
    }

    func alerts(matching filter: HistoryFilter, states: Set<Alert.State>) -> [Alert] {
        guard !isEmpty else { return [] }
        return [(Self.finding, Alert.State.open, 12), (Self.bare, .acknowledged, 1)].map { finding, state, count in
            Alert(
                fingerprint: finding.fingerprint,
                rule: finding.rule,
                severity: finding.severity,
                function: finding.function,
                site: finding.site,
                message: finding.message,
                advice: finding.advice,
                count: count,
                firstSeen: Self.start,
                lastSeen: Self.after(.seconds(3600)),
                state: state
            )
        }
    }

    func logs(matching filter: LogFilter) -> LogExcerpt {
        guard !isEmpty else { return LogExcerpt(lines: []) }
        let environment = LoggedEnvironment(Self.environmentRecord)
        let start = LogPart(function: Self.function, environment: environment, subject: .start, at: Self.start)
        var warm = Self.warmInvocation
        warm.log.times = [LoggedText.Mark(line: 0, at: Self.after(.milliseconds(1)))]
        let invocation = LogPart(
            function: Self.function,
            environment: environment,
            subject: .invocation(warm),
            output: warm.output,
            at: warm.requestedAt
        )
        return LogExcerpt(lines: (start.lines + invocation.lines).filter(filter.matches))
    }

    func imports(of function: FunctionName, latest count: Int) -> ImportHistory {
        guard !isEmpty else { return ImportHistory() }
        func module(_ name: String, _ time: Duration, _ traits: ModuleImport.Traits = []) -> ModuleImport {
            ModuleImport(name: name, time: time, ownTime: time / 10, traits: traits)
        }
        let starts = (0..<4).map { index in
            ColdStartRecord(
                environment: Self.environment,
                start: .spawn,
                startedAt: Self.start,
                initialization: .milliseconds(180 + index),
                importing: .milliseconds(131),
                modules: [
                    module("boto3", .milliseconds(98)), module("asyncio", .milliseconds(32)),
                    module("handler", .microseconds(2100), .own), module("decimal", .microseconds(410)),
                    module("botocore.signers", .milliseconds(4), .late), module("watchtower", .milliseconds(7)),
                    module("sentry_sdk", .milliseconds(9), .leavesThread), module(Self.hostile, .milliseconds(3)),
                ] + (index == 0 ? [module("csv", .milliseconds(2))] : [])
            )
        }
        return ImportHistory(
            coldStarts: starts,
            refusals: ["watchtower starts a thread when it is imported", "gone opens a file when it is imported"]
        )
    }

    func totals() -> HistoryTotals {
        isEmpty
            ? HistoryTotals(
                invocations: 0,
                environments: 0,
                loops: 0,
                events: 0,
                findings: 0,
                openAlerts: 0,
                databaseSize: 4096
            )
            : HistoryTotals(
                invocations: 10_000,
                environments: 3,
                loops: 10_002,
                events: 120_345,
                findings: 17,
                openAlerts: 1,
                databaseSize: 3_543_210
            )
    }

    // MARK: What there is

    private static func after(_ duration: Duration) -> WallTime {
        WallTime(nanoseconds: start.nanoseconds + duration.nanoseconds)
    }

    static var coldInvocation: InvocationRecord {
        var record = InvocationRecord(id: cold, function: function, requestedAt: start)
        (record.environment, record.ordinal, record.isCold, record.cause) = (environment, 0, true, .first)
        (record.outcome, record.duration) = (.ok, .microseconds(2345))
        (record.initialization, record.queued) = (.milliseconds(48), .microseconds(12))
        (record.requestSize, record.responseSize) = (2, 17)
        return record
    }

    static var warmInvocation: InvocationRecord {
        var record = InvocationRecord(id: warm, function: function, requestedAt: after(.seconds(1)))
        (record.environment, record.ordinal) = (environment, 1)
        (record.outcome, record.duration, record.queued) = (.error, .microseconds(870), .nanoseconds(9_500))
        (record.errorType, record.errorMessage) = ("RuntimeError", "Event loop is closed")
        record.stackTrace = "  File \"handler.py\", line 9, in handler\n    return loop.run_until_complete(work())\n"
        (record.requestSize, record.responseSize) = (2, 250_000)
        record.logTail = "plain\n\(hostile)\n\n"
        record.frozen = .seconds(42)
        return record
    }

    static var environmentRecord: EnvironmentRecord {
        var record = EnvironmentRecord(
            id: environment,
            function: function,
            host: .bare,
            loop: .asyncio,
            start: .spawn,
            cause: .first,
            startedAt: start
        )
        (record.pythonVersion, record.processID) = ("3.11.7", 4711)
        (record.descriptorLimit, record.descriptorsAtReady) = (1024, 8)
        record.disabledHooks = ["running: _set_running_loop does not exist"]
        return record
    }

    /// Of one function two are ready, of the other none can be.
    static var provisioned: [FunctionName: ProvisioningStatus] {
        var failed = ProvisioningStatus(wanted: 1, allocated: 0, available: 0, state: .failed)
        failed.reason = "ValueError: no good"
        return [
            live.functions[0].name: ProvisioningStatus(wanted: 2, allocated: 2, available: 2, state: .ready),
            live.functions[1].name: failed,
        ]
    }

    static var live: (functions: [FunctionConfiguration], environments: [EnvironmentRecord]) {
        var function = FunctionConfiguration(
            name: function,
            root: "/srv/plugins/orders",
            source: "/srv/plugins/orders/plugin.yaml",
            handler: "handler.handler"
        )
        function.description = "Takes orders. 注文を受け付けます。"
        function.environment = ["SECRET": "hidden", "MODE": "test"]
        let other = FunctionConfiguration(
            name: FunctionName(sanitizing: "bills"),
            root: "/srv/plugins",
            source: "/srv/plugins/bills.py",
            handler: "bills.handler"
        )
        return ([function, other], [environmentRecord])
    }

    static let finding = Finding(
        rule: "closed-loop-reuse",
        code: "LW201",
        severity: .error,
        function: function,
        environment: environment,
        invocation: warm,
        ordinal: 1,
        site: line(9),
        related: [
            RelatedSite(role: .created, ordinal: nil, line: line(4, "<module>")),
            RelatedSite(role: .closed, ordinal: 0, line: line(11)),
            RelatedSite(role: .used, ordinal: 1, line: line(9)),
        ],
        message: "Invocation 1 called run_until_complete() on loop 1 at handler.py:9, but the loop was closed at "
            + "handler.py:11 in invocation 0 (cold). It was created at handler.py:4 while the module was imported, so "
            + "every warm start meets the closed loop.",
        advice: "Create the loop inside the handler, with asyncio.run(...), rather than at handler.py:4, and take out "
            + "the close at handler.py:11."
    )

    /// With as little as a finding can have, and a text that must be made harmless.
    static let bare = Finding(
        rule: "leaked-loop",
        code: "LW202",
        severity: .warning,
        function: function,
        environment: environment,
        invocation: nil,
        ordinal: nil,
        site: nil,
        related: [],
        message: hostile,
        advice: ""
    )

    static let events: [LoopEvent] = {
        func site(_ number: Int, via: CodeLine? = nil, in function: String = "handler") -> CodeSite {
            CodeSite(line: line(number, function), isUserCode: true, via: via)
        }
        func event(
            _ at: Int64,
            _ kind: LoopEvent.Kind,
            _ loop: UInt32? = nil,
            _ flags: LoopEvent.Flags = [],
            phase: Phase = .invocation,
            thread: UInt32 = 1,
            site: CodeSite? = nil,
            detail: String? = nil,
            value: Int64 = 0
        ) -> LoopEvent {
            LoopEvent(
                sequence: at,
                at: Instant(nanoseconds: 5_000_000_000 + at * 1000),
                kind: kind,
                flags: flags,
                phase: phase,
                ordinal: phase == .invocation ? 1 : nil,
                thread: thread,
                threadName: thread == 1 ? "MainThread" : "worker-\(thread)\u{1B}[0m",
                loop: loop.map(LoopSerial.init(rawValue:)),
                site: site,
                detail: detail,
                value: value
            )
        }
        let runners = CodeLine(file: "/usr/lib/python3.11/asyncio/runners.py", line: 190, function: "run")
        let name = "asyncio.unix_events._UnixSelectorEventLoop"
        return [
            event(-2_000_000, .phaseBegun, phase: .between),
            event(
                -1_500_000,
                .usedAfterClose,
                1,
                phase: .between,
                thread: 2,
                site: site(30, in: "work"),
                detail: "call_soon_threadsafe"
            ),
            event(-10, .phaseEnded, phase: .between),
            event(0, .phaseBegun),
            event(20, .created, 2, .implicit, site: site(7), detail: name, value: 3),
            event(21, .slotSet, 2, .implicit, site: site(7)),
            event(100, .usedAfterClose, 1, site: site(9), detail: "run_until_complete"),
            event(120, .created, 3, .byRunner, site: site(14, via: runners), detail: name, value: 3),
            event(130, .runBegun, 3, .byRunner, site: site(14, via: runners)),
            event(140, .runBegun, 2, .nested, site: site(15), value: 3),
            event(150, .runEnded, 2, site: site(15)),
            event(400, .runEnded, 3, .byRunner, site: site(14, via: runners)),
            event(410, .slotSet, nil, .byRunner, site: site(14, via: runners)),
            event(415, .closed, 3, .byRunner, site: site(14, via: runners)),
            event(500, .openAtEnd, 2, [.heldByGlobal, .ranInInvocation]),
            event(510, .slotLeftClosed, 1),
            event(520, .eventsDropped, value: 17),
            event(530, .unknown(99)),
            event(870, .phaseEnded),
        ]
    }()

    static let ledger: Ledger = {
        var ledger = Ledger()
        let created = LoopEvent(
            sequence: 0,
            at: Instant(nanoseconds: 0),
            kind: .created,
            phase: .initialization,
            loop: LoopSerial(rawValue: 1),
            site: CodeSite(line: line(4, "<module>"), isUserCode: true),
            detail: "uvloop.Loop",
            value: 5
        )
        var closed = created
        (closed.kind, closed.phase, closed.ordinal) = (.closed, .invocation, 0)
        closed.site = CodeSite(line: line(11), isUserCode: true)
        for event in [created, closed] + events { ledger.apply(event) }
        return ledger
    }()
}
