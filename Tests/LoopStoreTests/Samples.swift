import LoopModel
import LoopStore

/// Records to store, made from a few words.
enum Samples {
    static let function = FunctionName(sanitizing: "orders")

    static func wall(_ seconds: Int64) -> WallTime {
        WallTime(nanoseconds: 1_700_000_000_000_000_000 + seconds * 1_000_000_000)
    }

    static func environment(
        _ id: String = "e1",
        function: FunctionName = function,
        startedAt: WallTime = wall(0)
    ) -> EnvironmentRecord {
        EnvironmentRecord(
            id: EnvironmentID(rawValue: id),
            function: function,
            host: .perInvocation,
            loop: .asyncio,
            start: .spawn,
            cause: .first,
            startedAt: startedAt
        )
    }

    static func invocation(
        _ id: String,
        in environment: String? = "e1",
        ordinal: Int? = 0,
        outcome: Outcome? = .ok,
        function: FunctionName = function,
        at second: Int64 = 0
    ) -> InvocationRecord {
        var record = InvocationRecord(id: InvocationID(rawValue: id), function: function, requestedAt: wall(second))
        record.environment = environment.map { EnvironmentID(rawValue: $0) }
        record.ordinal = ordinal
        record.isCold = ordinal == 0
        record.cause = ordinal == 0 ? .first : nil
        record.outcome = outcome
        record.duration = .milliseconds(3)
        return record
    }

    static func line(_ number: Int, _ file: String = "handler.py") -> CodeLine {
        CodeLine(file: file, line: number, function: "handler")
    }

    static func finding(
        rule: String = "closed-loop-reuse",
        in environment: String = "e1",
        invocation: String? = "i1",
        ordinal: Int? = 1,
        line: Int = 12,
        message: String = "A closed loop was used.",
        related: [RelatedSite] = []
    ) -> Finding {
        Finding(
            rule: rule,
            code: "LW201",
            severity: .error,
            function: function,
            environment: EnvironmentID(rawValue: environment),
            invocation: invocation.map { InvocationID(rawValue: $0) },
            ordinal: ordinal,
            site: Samples.line(line),
            related: related,
            message: message,
            advice: "Make the loop in the handler."
        )
    }

    /// The life of one loop in one invocation: eight events from `sequence` on.
    static func events(
        from sequence: Int64,
        loop: UInt32,
        ordinal: Int,
        isClosed: Bool = true
    ) -> [LoopEvent] {
        let site = CodeSite(
            line: line(7),
            isUserCode: true,
            via: CodeLine(file: "/usr/lib/python3.11/asyncio/runners.py", line: 190, function: "run")
        )
        let kinds: [LoopEvent.Kind] = [
            .phaseBegun, .created, .slotSet, .runBegun, .runEnded, .asyncgensShutdown, isClosed ? .closed : .openAtEnd,
            .phaseEnded,
        ]
        return kinds.enumerated().map { index, kind in
            let isPhase = kind == .phaseBegun || kind == .phaseEnded
            return LoopEvent(
                sequence: sequence + Int64(index),
                at: Instant(nanoseconds: 4_000_000_000 + (sequence + Int64(index)) * 10_000),
                kind: kind,
                phase: .invocation,
                ordinal: ordinal,
                loop: isPhase ? nil : LoopSerial(rawValue: loop),
                site: isPhase ? nil : site,
                detail: kind == .created ? "asyncio.unix_events._UnixSelectorEventLoop" : nil,
                value: kind == .created ? 3 : 0
            )
        }
    }

    /// The states of the loops that the events tell of.
    static func loops(after events: [LoopEvent]) -> [LoopState] {
        var ledger = Ledger()
        for event in events { ledger.apply(event) }
        return ledger.ordered
    }

    /// An environment with `invocations` invocations of one loop each, as the recorder commits them.
    static func life(of environment: String, invocations: Int, isClosed: Bool = true) -> [HistoryStore.Change] {
        let id = EnvironmentID(rawValue: environment)
        var changes: [HistoryStore.Change] = [.environmentStarted(Samples.environment(environment))]
        for ordinal in 0..<invocations {
            let name = "\(environment)-i\(ordinal)"
            let events = events(
                from: Int64(ordinal * 8),
                loop: UInt32(ordinal + 1),
                ordinal: ordinal,
                isClosed: isClosed
            )
            changes += [
                .invocationStarted(
                    invocation(name, in: environment, ordinal: ordinal, outcome: nil, at: Int64(ordinal))
                ),
                .invocationEnded(invocation(name, in: environment, ordinal: ordinal, at: Int64(ordinal))),
                .events(id, invocation: InvocationID(rawValue: name), events),
                .loops(id, loops(after: events)),
            ]
        }
        return changes
    }
}

/// The same numbers for the same seed, on every machine (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
