import LoopModel
import LoopRules

/// Builds the events of an environment by telling its life; what a test says is what the probe would have reported.
struct Story {
    private(set) var environment: EnvironmentRecord
    /// Everything that has happened.
    private(set) var events: [LoopEvent] = []
    /// Where each stretch that is judged as one ends: the index after its last event, and the invocation, if one.
    private(set) var stretches: [(end: Int, invocation: InvocationReference?)] = []
    private var phase = Phase.initialization
    private var ordinal: Int?
    private var lastSerial: UInt32 = 0
    /// The thread of what follows.
    var thread: UInt32 = 1

    init(
        host: HostProfile = .bare,
        loop: LoopImplementation = .asyncio,
        python: String = "3.11.7",
        descriptorLimit: Int = 1024,
        descriptorsAtReady: Int = 8
    ) {
        environment = EnvironmentRecord(
            id: EnvironmentID(rawValue: "0f1e2d3c4b5a69788796a5b4c3d2e1f0"),
            function: FunctionName(sanitizing: "orders"),
            host: host,
            loop: loop,
            start: .spawn,
            cause: .first,
            startedAt: WallTime(nanoseconds: 1_795_424_343_250_000_000)
        )
        environment.pythonVersion = python
        environment.descriptorLimit = descriptorLimit
        environment.descriptorsAtReady = descriptorsAtReady
        note(.phaseBegun)
    }

    /// The next invocation, from its begin to its answer.
    mutating func invocation(_ outcome: Outcome = .ok, _ body: (inout Story) -> Void) {
        note(.phaseEnded)
        let next = (stretches.last { $0.invocation != nil }?.invocation?.ordinal ?? -1) + 1
        (phase, ordinal) = (.invocation, next)
        note(.phaseBegun)
        body(&self)
        note(.phaseEnded)
        let id = InvocationID(rawValue: "00000000-0000-4000-8000-00000000000\(next % 10)")
        stretches.append((events.count, InvocationReference(id: id, ordinal: next, outcome: outcome)))
        (phase, ordinal) = (.between, nil)
        note(.phaseBegun)
    }

    /// The environment's end; what is in `body` happens in its shutdown phase.
    mutating func shutdown(_ body: (inout Story) -> Void = { _ in }) {
        note(.phaseEnded)
        phase = .shutdown
        note(.phaseBegun)
        body(&self)
        stretches.append((events.count, nil))
    }

    // MARK: What happens

    mutating func create(
        at line: CodeSite? = nil,
        _ flags: LoopEvent.Flags = [],
        uvloop: Bool = false
    ) -> LoopSerial {
        lastSerial += 1
        let serial = LoopSerial(rawValue: lastSerial)
        let name = uvloop ? "uvloop.Loop" : "asyncio.unix_events._UnixSelectorEventLoop"
        note(.created, serial, at: line, flags, detail: name, value: uvloop ? 5 : 3)
        return serial
    }

    mutating func set(_ loop: LoopSerial?, at line: CodeSite? = nil, _ flags: LoopEvent.Flags = []) {
        note(.slotSet, loop, at: line, flags)
    }

    mutating func run(_ loop: LoopSerial, at line: CodeSite? = nil) {
        begin(loop, at: line)
        note(.runEnded, loop, at: line)
    }

    mutating func begin(_ loop: LoopSerial, at line: CodeSite? = nil) { note(.runBegun, loop, at: line) }

    mutating func close(_ loop: LoopSerial, at line: CodeSite? = nil, _ flags: LoopEvent.Flags = []) {
        note(.closed, loop, at: line, flags)
    }

    mutating func use(_ loop: LoopSerial, _ method: String = "call_soon", at line: CodeSite? = nil) {
        note(.usedAfterClose, loop, at: line, detail: method)
    }

    mutating func collect(_ loop: LoopSerial) {
        note(.finalized, loop)
        note(.closed, loop, .byFinalizer)
    }

    mutating func openAtEnd(_ loop: LoopSerial, _ flags: LoopEvent.Flags = []) { note(.openAtEnd, loop, flags) }

    mutating func slotLeftClosed(_ loop: LoopSerial, _ flags: LoopEvent.Flags = []) {
        note(.slotLeftClosed, loop, flags)
    }

    mutating func stop(_ loop: LoopSerial, at line: CodeSite? = nil) { note(.stopped, loop, at: line) }

    /// What a hook of the probe reports: an observation, after the further lines that belong to it.
    mutating func observe(
        _ kind: LoopEvent.Kind,
        _ flags: LoopEvent.Flags = [],
        on loop: LoopSerial? = nil,
        at line: CodeSite? = nil,
        detail: String? = nil,
        value: Int64 = 0,
        related: [(role: RelatedSite.Role, ordinal: Int?, line: CodeSite)] = []
    ) {
        for (role, ordinal, line) in related {
            note(
                .relatedSite,
                at: line,
                LoopEvent.Flags(rawValue: UInt16(kind.number)),
                detail: role.rawValue,
                value: ordinal.map { Int64($0) } ?? -1
            )
        }
        note(kind, loop, at: line, flags, detail: detail, value: value)
    }

    /// `asyncio.run()`: makes, sets, runs, clears and closes.
    mutating func asyncioRun(at line: CodeSite) {
        let loop = create(at: line, .byRunner)
        set(loop, at: line, .byRunner)
        run(loop, at: line)
        set(nil, at: line, .byRunner)
        close(loop, at: line, .byRunner)
    }

    /// What the per-invocation host does around the handler, with the loop that it makes.
    mutating func hosted(_ body: (inout Story, LoopSerial) -> Void) {
        let loop = create(.byHost)
        set(loop, .byHost)
        body(&self, loop)
        note(.runBegun, loop, .byHost)
        note(.runEnded, loop, .byHost)
        set(nil, .byHost)
        close(loop, .byHost)
    }

    private mutating func create(_ flags: LoopEvent.Flags) -> LoopSerial { create(at: nil, flags) }
    private mutating func set(_ loop: LoopSerial?, _ flags: LoopEvent.Flags) { set(loop, at: nil, flags) }
    private mutating func close(_ loop: LoopSerial, _ flags: LoopEvent.Flags) { close(loop, at: nil, flags) }
    private mutating func note(_ kind: LoopEvent.Kind, _ loop: LoopSerial? = nil, _ flags: LoopEvent.Flags) {
        note(kind, loop, at: nil, flags)
    }

    private mutating func note(
        _ kind: LoopEvent.Kind,
        _ loop: LoopSerial? = nil,
        at site: CodeSite? = nil,
        _ flags: LoopEvent.Flags = [],
        detail: String? = nil,
        value: Int64 = 0
    ) {
        let sequence = Int64(events.count)
        events.append(
            LoopEvent(
                sequence: sequence,
                at: Instant(nanoseconds: 1_000_000 * sequence),
                kind: kind,
                flags: flags,
                phase: phase,
                ordinal: ordinal,
                thread: thread,
                threadName: thread == 1 ? "MainThread" : "worker-\(thread)",
                loop: loop,
                site: site,
                detail: detail,
                value: value
            )
        )
    }

    // MARK: What is judged

    /// One timeline for each invocation, and for the environment's end if it was told; in a replay each with a ledger
    /// folded anew from all events before, as the store does it.
    func timelines(isReplayed: Bool = false) -> [Timeline] {
        var timelines: [Timeline] = []
        var ledger = Ledger()
        var begin = 0
        var earlier: [Int: InvocationID] = [:]
        for stretch in stretches {
            if isReplayed {
                ledger = Ledger()
                for event in events[..<begin] { ledger.apply(event) }
            }
            let timeline = Timeline(
                environment: environment,
                invocation: stretch.invocation,
                earlier: earlier,
                before: ledger,
                events: Array(events[begin..<stretch.end])
            )
            timelines.append(timeline)
            ledger = timeline.after
            begin = stretch.end
            if let invocation = stretch.invocation { earlier[invocation.ordinal] = invocation.id }
        }
        return timelines
    }

    /// What the rules find, stretch by stretch.
    func findings(_ rules: RuleBook = RuleBook()) -> [[Finding]] { timelines().map(rules.findings(in:)) }
}

/// The user's line in `handler.py`.
func line(_ number: Int, in function: String = "handler", via: CodeLine? = nil) -> CodeSite {
    CodeSite(line: CodeLine(file: "handler.py", line: number, function: function), isUserCode: true, via: via)
}

/// A line of an installed library.
let library = CodeLine(
    file: "/opt/venv/lib/python3.11/site-packages/httpcore/pool.py",
    line: 57,
    function: "ConnectionPool.handle"
)
/// Where the standard library is entered.
let runners = CodeLine(file: "/usr/lib/python3.11/asyncio/runners.py", line: 190, function: "run")
