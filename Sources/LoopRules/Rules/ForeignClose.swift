package import LoopModel

/// A loop is closed or stopped by a party that does not own it.
///
/// Three owners are known: the host, which gives each invocation its loop; a library, which made one for itself while it
/// was imported; and a thread that made or ran a loop, is alive, and still holds it. Who made a loop for a service
/// thread may close it after stopping it, and what a thread has handed over is no longer its own.
package struct ForeignClose: DetectionRule {
    package let id = "foreign-close"
    package let code = "LW206"
    package let title = "An event loop is closed or stopped by who does not own it"
    package let severity = Severity.error
    package let summary =
        "An event loop that the host, a library or another thread made for itself is closed or stopped by somebody else."
    package let wakingKinds: EventKinds = [.closed, .stopped, .foreignEnd]

    package init() {}

    package var explanation: RuleExplanation {
        RuleExplanation(
            cause: """
                Whoever makes an event loop goes on using it: the host runs the next handler on it or tidies it up, a \
                library runs its own calls, a thread takes its next job. Closed by somebody else, it raises \
                RuntimeError: Event loop is closed in code that did nothing wrong; stopped by somebody else, it leaves \
                its run_until_complete() with RuntimeError: Event loop stopped before Future completed.
                """,
            whyOnlyWarm: """
                The invocation that closes the loop is done with it. The owner meets the closed loop afterwards, in the \
                next invocation. A host that gives each invocation a fresh loop hides it; hosts that keep one do not.
                """,
            broken: """
                import asyncio


                async def work():
                    return "done"


                def handler(event, context):
                    loop = asyncio.get_event_loop()  # the host's
                    try:
                        return loop.run_until_complete(work())
                    finally:
                        loop.close()
                """,
            fixed: """
                import asyncio


                async def work():
                    return "done"


                def handler(event, context):
                    return asyncio.run(work())
                """,
            seeAlso: [
                "closed-loop-reuse", "poisoned-slot",
                "https://docs.python.org/3/library/asyncio-eventloop.html#running-and-stopping-the-loop",
            ]
        )
    }

    package func findings(in timeline: Timeline) -> [Finding] {
        guard timeline.events.contains(where: ForeignEnd.isPossible) else { return [] }
        var told: Set<Occasion> = []
        var findings: [Finding] = []
        timeline.visit(.closed, .stopped, .foreignEnd) { event, ledger in
            guard let end = ForeignEnd(event, ledger: ledger),
                told.insert(Occasion(end.moment, line: end.line)).inserted
            else { return }
            findings.append(finding(about: end, in: timeline))
        }
        return findings
    }

    private func finding(about end: ForeignEnd, in timeline: Timeline) -> Finding {
        let ordinal = timeline.ordinal(of: end.moment)
        let unharmed = end.moment.phase == .invocation ? timeline.unharmed(ordinal) : nil
        return timeline.finding(
            of: self,
            severity: unharmed != nil && timeline.environment.host.engine == .perInvocation ? .warning : severity,
            ordinal: ordinal,
            site: end.line,
            related: [
                end.state.created.related(as: .created), end.moment.related(as: .closed),
                end.library.map { RelatedSite(role: .via, ordinal: end.moment.invocation, line: $0) },
            ],
            message: [end.sentence, end.consequence, unharmed],
            advice: [end.advice]
        )
    }
}

/// The end that somebody has made to another's loop.
private struct ForeignEnd {
    private enum Owner {
        case host
        case library(CodeLine)
        case thread
    }

    let state: LoopState
    let moment: Moment
    let line: CodeLine
    private let owner: Owner
    private let isStop: Bool

    /// Whether an event may be one, as far as it tells itself: the host ends its own loop in each invocation.
    static func isPossible(_ event: LoopEvent) -> Bool {
        let isEnd = event.kind == .closed || event.kind == .stopped || event.kind == .foreignEnd
        return isEnd && event.site?.isUserCode == true && event.phase != .shutdown && !event.flags.contains(.byHost)
    }

    init?(_ event: LoopEvent, ledger: Ledger) {
        moment = Moment(event, following: ledger.latestOrdinal)
        guard Self.isPossible(event), let state = event.loop.flatMap({ ledger.loops[$0] }), let line = moment.userLine
        else { return nil }
        self.state = state
        self.line = line
        isStop = event.kind == .stopped
        if event.kind == .foreignEnd {
            owner = .thread
            return
        }
        // A run that the user's code began is its own to stop.
        guard let owner = LoopOwner(of: state), owner.isForeign(moment),
            !isStop || (state.isRunning && state.lastRan?.site == nil)
        else { return nil }
        switch owner {
        case .host: self.owner = .host
        case .library(let line): self.owner = .library(line)
        }
    }

    /// The library that did it, where one did.
    var library: CodeLine? { moment.site?.library }

    private var verb: String { isStop ? "stopped" : "closed" }

    // MARK: The story

    var sentence: String {
        let loop =
            switch owner {
            case .host: "\(state.serial), which is the host's"
            case .library(let line): "\(state.serial), which \(line.packageName) made for itself\(state.created.place)"
            case .thread: "\(state.serial), which another thread made\(state.created.place) and still holds"
            }
        return "\(moment.actor) \(verb)\(moment.place) \(loop).".sentence
    }

    var consequence: String {
        switch owner {
        case .host:
            isStop
                ? "The host's run of the handler ends there, with \"Event loop stopped before Future completed\"."
                : "A host that keeps its loop for the next invocation has none then; one that makes a fresh loop each "
                    + "time hides it."
        case .library:
            "The library's next call on its loop raises \"Event loop is closed\"."
        case .thread:
            "The thread's next use of its loop raises \"Event loop is closed\"."
        }
    }

    // MARK: The change

    var advice: String {
        switch owner {
        case .host:
            "Take out the \(isStop ? "stop" : "close") at \(line.short): the host ends its loop itself. For a loop of your "
                + "own use asyncio.run(...)."
        case .library(let made):
            "Take out the close at \(line.short), or use a loop of your own, with asyncio.run(...), so that the one of "
                + "\(made.packageName) stays open."
        case .thread:
            "Tell the thread to end, join it, and only then close the loop; or let the thread close it at its own end."
        }
    }
}
