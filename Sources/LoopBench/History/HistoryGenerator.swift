import LoopModel
import LoopStore

/// Fills a history as months of service would: several functions, environments that come and go, and invocations that
/// print, fail, leak loops and are frozen between.
///
/// Every row goes through `HistoryStore.commit`, in large groups; the same numbers give the same history, but for ids.
struct HistoryGenerator {
    /// Of the calendar and of the monotonic clock, so that loops get the times of their invocations.
    static let start = WallTime(nanoseconds: 1_760_000_000_000_000_000)
    /// Over which the invocations are spread.
    static let span = Duration.seconds(28 * 86_400)
    /// How long environments live.
    private static let lives = 400
    /// Invocations in one commit.
    private static let group = 1000
    private static let marked = CodeSite(
        line: CodeLine(file: "handler.py", line: 12, function: "handler"),
        isUserCode: true
    )

    let store: HistoryStore
    /// How many events are wanted, about.
    let events: Int

    private var functions: [Function] = (0..<12).map(Function.init)
    private(set) var invocations = 0
    private var numbers = Numbers()

    /// Store options with the clocks that the generator's instants are of.
    static let options = StoreOptions(
        ballastSize: 0,
        clocks: { ClockReading(wall: start, monotonic: Instant(nanoseconds: 0)) }
    )

    /// One function, and its environment of the moment.
    private struct Function {
        let name: FunctionName
        /// Makes a loop of its own in each invocation and leaves it open.
        let isLeaky: Bool
        let isFrozen: Bool
        let hasLoops: Bool
        var environment: EnvironmentRecord?
        var ordinal = 0
        var sequence: Int64 = 0
        var loops: UInt32 = 0

        init(_ number: Int) {
            name = FunctionName(sanitizing: "function-\(number)")
            isLeaky = number == 11
            isFrozen = number % 3 == 0
            hasLoops = number % 4 != 1
        }
    }

    init(store: HistoryStore, events: Int) {
        self.store = store
        self.events = events
    }

    /// - Throws: `StoreFailure`.
    mutating func run() throws {
        var changes: [HistoryStore.Change] = functions.map {
            .function(
                FunctionConfiguration(name: $0.name, root: "/srv", source: "/srv", handler: "handler.handler"),
                at: Self.start
            )
        }
        var stored = 0
        // Eight events for an invocation with a loop, half as many without: see `events(of:)`.
        let expected = events / 7 + 1
        let step = Self.span.nanoseconds / Int64(expected)
        var groups = 0
        while stored < events {
            for _ in 0..<Self.group where stored < events {
                let offset = Int64(invocations) * step + Int64(numbers.next(below: 1000)) * step / 1000
                stored += invocation(at: offset, into: &changes)
            }
            try store.commit(changes)
            changes.removeAll(keepingCapacity: true)
            groups += 1
            if groups % 10 == 0 { try store.checkpoint() }
        }
        // As after an orderly shutdown: nothing is left running.
        for index in functions.indices { end(index, at: Self.span.nanoseconds, into: &changes) }
        try store.commit(changes)
        try store.checkpoint()
    }

    /// Few functions have most of the invocations.
    private mutating func choose() -> Int {
        for index in 0..<10 where numbers.next(below: 100) < 35 { return index }
        return numbers.next(below: 100) < 50 ? 10 : 11
    }

    /// - Returns: how many events it has.
    private mutating func invocation(at offset: Int64, into changes: inout [HistoryStore.Change]) -> Int {
        let index = choose()
        if functions[index].ordinal >= Self.lives { end(index, at: offset, into: &changes) }
        let isCold = functions[index].environment == nil
        let environment = functions[index].environment ?? begin(index, at: offset, into: &changes)
        let ordinal = functions[index].ordinal
        functions[index].ordinal += 1
        invocations += 1

        var record = InvocationRecord(id: .random(), function: environment.function, requestedAt: Self.time(offset))
        record.environment = environment.id
        record.ordinal = ordinal
        record.isCold = isCold
        record.cause = isCold ? environment.cause : nil
        record.outcome = .ok
        record.queued = .nanoseconds(9000)
        record.initialization = isCold ? .milliseconds(60) : nil
        record.duration = .nanoseconds(200_000 + Int64(numbers.next(below: 3_000_000)))
        record.requestSize = 180
        record.responseSize = 64
        record.peakMemory = 23_302_144
        if numbers.next(below: 100) == 0 { fail(&record) }
        if numbers.next(below: 4) == 0 { print(&record, at: offset) }
        if functions[index].isFrozen, !isCold {
            var span = FreezeSpan(
                environment: environment.id,
                following: ordinal - 1,
                frozen: Instant(nanoseconds: offset - 1_000_000),
                frozenAt: Self.time(offset - 1_000_000),
                processes: 1,
                means: .signal
            )
            span.thawed = Instant(nanoseconds: offset)
            span.thawedAt = Self.time(offset)
            changes.append(.freeze(span))
        }
        let events = events(of: index, ordinal: ordinal, at: offset)
        var ledger = Ledger()
        for event in events { ledger.apply(event) }
        changes.append(.invocationEnded(record))
        changes.append(.events(environment.id, invocation: record.id, events))
        if !ledger.ordered.isEmpty { changes.append(.loops(environment.id, ledger.ordered)) }
        if functions[index].isLeaky {
            changes.append(.findings([finding(of: record, ordinal: ordinal)], at: Self.time(offset + 4_000_000)))
        }
        return events.count
    }

    private mutating func begin(
        _ index: Int,
        at offset: Int64,
        into changes: inout [HistoryStore.Change]
    ) -> EnvironmentRecord {
        var environment = EnvironmentRecord(
            id: .random(),
            function: functions[index].name,
            host: .perInvocation,
            loop: .asyncio,
            start: .spawn,
            cause: offset < 86_400_000_000_000 ? .first : .idleReaped,
            startedAt: Self.time(offset)
        )
        environment.pythonVersion = "3.11.7"
        environment.processID = Int32(1000 + invocations % 30_000)
        environment.descriptorLimit = 1024
        environment.descriptorsAtReady = 6
        environment.logStyle = LogStyle(memory: 128, format: .text, systemLevel: .info, region: "us-east-1")
        functions[index].environment = environment
        functions[index].ordinal = 0
        functions[index].sequence = 0
        functions[index].loops = 0
        changes.append(.environmentStarted(environment))
        return environment
    }

    private mutating func end(_ index: Int, at offset: Int64, into changes: inout [HistoryStore.Change]) {
        guard var environment = functions[index].environment else { return }
        environment.endedAt = Self.time(offset)
        environment.end = "idle reaped"
        changes.append(.environmentUpdated(environment))
        functions[index].environment = nil
    }

    private mutating func events(of index: Int, ordinal: Int, at offset: Int64) -> [LoopEvent] {
        var kinds: [LoopEvent.Kind] = [.phaseBegun]
        if functions[index].hasLoops {
            functions[index].loops += 1
            kinds += [.created, .slotSet, .runBegun, .runEnded]
            kinds += functions[index].isLeaky ? [.openAtEnd] : [.slotSet, .closed]
        }
        kinds.append(.phaseEnded)
        // The host's loops have no site; those that the handler makes have.
        let site = functions[index].isLeaky ? Self.marked : nil
        let loop = LoopSerial(rawValue: functions[index].loops)
        let first = functions[index].sequence
        functions[index].sequence += Int64(kinds.count)
        return kinds.enumerated().map { position, kind in
            let isPhase = kind == .phaseBegun || kind == .phaseEnded
            return LoopEvent(
                sequence: first + Int64(position),
                at: Instant(nanoseconds: offset + Int64(position) * 20_000),
                kind: kind,
                flags: isPhase || site != nil ? [] : .byRunner,
                phase: .invocation,
                ordinal: ordinal,
                threadName: "MainThread",
                loop: isPhase ? nil : loop,
                site: isPhase ? nil : site,
                detail: kind == .created ? "asyncio.unix_events._UnixSelectorEventLoop" : nil,
                value: kind == .created ? 3 : 0
            )
        }
    }

    private func fail(_ record: inout InvocationRecord) {
        record.outcome = .error
        record.errorType = "KeyError"
        record.errorMessage = "'item'"
        record.stackTrace = "  File \"/srv/handler.py\", line 12, in handler\n    return event['item']\n"
    }

    private func print(_ record: inout InvocationRecord, at offset: Int64) {
        record.logTail = "[INFO] looked up the order in the table\n[INFO] done, 3 items were found\n"
        record.log.times = [
            .init(line: 0, at: Self.time(offset + 100_000)), .init(line: 1, at: Self.time(offset + 180_000)),
        ]
    }

    private func finding(of record: InvocationRecord, ordinal: Int) -> Finding {
        Finding(
            rule: "leaked-loop",
            code: "LW101",
            severity: .error,
            function: record.function,
            environment: record.environment ?? .random(),
            invocation: record.id,
            ordinal: ordinal,
            site: Self.marked.line,
            related: [RelatedSite(role: .created, ordinal: ordinal, line: Self.marked.line)],
            message: "The loop that line 12 made was never closed.",
            advice: "Close the loop, or use asyncio.run."
        )
    }

    /// That of an offset from the start, in nanoseconds.
    static func time(_ offset: Int64) -> WallTime { WallTime(nanoseconds: start.nanoseconds + offset) }
}

/// Numbers that look random, the same at each run (SplitMix64).
private struct Numbers {
    private var state: UInt64 = 6

    mutating func next(below bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((word ^ (word >> 31)) % UInt64(bound))
    }
}
