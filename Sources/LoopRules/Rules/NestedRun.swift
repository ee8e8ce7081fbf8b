package import LoopModel

/// A loop is to run where one runs already.
///
/// One finding for each calling line and invocation; its site is the call. Where the call was refused and the caller
/// then ran the coroutine in another way, or closed it, nothing is said: trying is a way to find out. A coroutine that
/// was lost by it is told here, and not as one that was never awaited (see ``Timeline/refusedCoroutines``).
package struct NestedRun: DetectionRule {
    package let id = "nested-run"
    package let code = "LW101"
    package let title = "An event loop is to run inside a running one"
    package let severity = Severity.error
    package let summary =
        "asyncio.run(), run_until_complete() and their like cannot be called where a loop runs already."
    package let wakingKinds: EventKinds = [.nestedRun, .runBegun]

    package init() {}

    package var explanation: RuleExplanation {
        RuleExplanation(
            cause: """
                A thread runs one event loop at a time. asyncio.run(), Runner.run(), run_until_complete(), \
                uvloop.run(), anyio.run() and async_to_sync() all begin to run one, and raise RuntimeError in a \
                thread whose loop is running: in an async handler, or in whatever it calls. The coroutine that they \
                were given does not run, except with uvloop's run_until_complete(): there it runs later, after the \
                error. nest_asyncio makes the call legal by running the loop inside its own step: other tasks then \
                go on in the middle of the calling line, and the ones further out cannot until the inner one is done.
                """,
            whyOnlyWarm: """
                It is refused cold and warm alike. What differs is the host: code that is right on AWS Lambda, where \
                no loop runs when the handler is called, is refused under an async handler, an ASGI server or a \
                notebook.
                """,
            broken: """
                import asyncio


                async def lookup():
                    return "found"


                def find():
                    return asyncio.run(lookup())


                async def work():
                    return find()


                def handler(event, context):
                    return asyncio.run(work())
                """,
            fixed: """
                import asyncio


                async def lookup():
                    return "found"


                async def find():
                    return await lookup()


                async def work():
                    return await find()


                def handler(event, context):
                    return asyncio.run(work())
                """,
            seeAlso: ["https://docs.python.org/3/library/asyncio-runner.html#asyncio.run"]
        )
    }

    package func findings(in timeline: Timeline) -> [Finding] {
        var told: Set<Occasion> = []
        return timeline.runAttempts.compactMap { attempt in
            guard attempt.matters(in: timeline), told.insert(attempt.place).inserted else { return nil }
            return finding(about: attempt, in: timeline)
        }
    }

    private func finding(about attempt: RunAttempt, in timeline: Timeline) -> Finding {
        let ordinal = timeline.ordinal(of: attempt.moment)
        return timeline.finding(
            of: self,
            severity: attempt.isAllowed ? .warning : severity,
            ordinal: ordinal,
            site: attempt.place.line,
            related: [
                attempt.outerRan?.related(as: .ran), attempt.moment.related(as: .used),
                attempt.library.map { RelatedSite(role: .via, ordinal: attempt.moment.invocation, line: $0) },
            ],
            message: [
                attempt.sentence, attempt.consequence,
                attempt.isAllowed || attempt.moment.phase != .invocation ? nil : timeline.unharmed(ordinal),
            ],
            advice: [attempt.advice]
        )
    }
}

extension Timeline {
    /// Where coroutines are defined, and where they were called, that were lost because a loop was not allowed to run.
    ///
    /// That they were never awaited is the consequence, and told by ``NestedRun``.
    var refusedCoroutines: Set<CodeLine> {
        var lines: Set<CodeLine> = []
        for observation in observations(.nestedRun) {
            if let site = observation.event.site { lines.insert(site.line) }
            if let coroutine = observation.coroutine { lines.insert(coroutine) }
        }
        return lines
    }

    /// The runs that were refused, and those that nest_asyncio allowed.
    fileprivate var runAttempts: [RunAttempt] {
        // Most runs are not nested, and to observe them all would fold the stretch once more.
        guard events.contains(where: { $0.kind == .nestedRun || $0.kind == .runBegun && $0.flags.contains(.nested) })
        else { return [] }
        return observations(.nestedRun, .runBegun).compactMap(RunAttempt.init)
    }
}

extension Observation {
    /// Where the coroutine is defined that was to run.
    fileprivate var coroutine: CodeLine? { line(RelatedSite.Role(rawValue: "coroutine"))?.line }
}

/// One call that was to run a loop inside a running one.
private struct RunAttempt {
    let event: LoopEvent
    let moment: Moment
    let place: Occasion
    let ledger: Ledger
    let coroutine: CodeLine?
    /// The loop that ran already.
    let outer: LoopSerial

    /// nil for runs that are not nested, for what only adds to an attempt told before, and where no line is known.
    init?(_ observation: Observation) {
        let event = observation.event
        if event.kind == .runBegun {
            guard event.flags.contains(.nested), !event.flags.contains(.byHost) else { return nil }
        } else if event.flags.contains(.wasLost) {
            return nil
        }
        guard let site = event.site, let outer = UInt32(exactly: event.value) else { return nil }
        self.event = event
        self.outer = LoopSerial(rawValue: outer)
        moment = observation.moment
        place = Occasion(moment, line: site.line)
        ledger = observation.ledger
        coroutine = observation.coroutine
    }

    var isAllowed: Bool { event.kind == .runBegun }
    var library: CodeLine? { moment.site?.library }
    /// Where the loop began to run that ran already.
    var outerRan: Moment? { ledger.loops[outer]?.lastRan }

    private var runsElsewhere: Bool { !isAllowed && event.flags.contains(.runsElsewhere) }
    private var runsLater: Bool { !isAllowed && event.flags.contains(.runsLater) }

    /// Whether anything came of it: the caller may have run the coroutine in another way.
    func matters(in timeline: Timeline) -> Bool {
        guard !isAllowed, event.flags.contains(.mayRunOtherwise) else { return true }
        return timeline.events.contains { later in
            later.kind == .nestedRun && later.sequence > event.sequence && later.flags.contains(.wasLost)
                && later.site == event.site && later.detail == event.detail
        }
    }

    /// `asyncio.run()`, `run_until_complete()`.
    private var called: String {
        if isAllowed { return event.site?.via?.function == "run" ? "asyncio.run()" : "run_until_complete()" }
        return "\(event.detail ?? "run_until_complete")()"
    }

    /// `loop 1 was running (since handler.py:9)`, `the host's loop 1 was running`.
    private var running: String {
        if ledger.loops[outer]?.isHosts == true { return "the host's \(outer) was running" }
        guard let since = outerRan?.userLine else { return "\(outer) was running" }
        return "\(outer) was running (since \(since.short))"
    }

    var sentence: String {
        let caller = moment.ordinal.map { named($0) } ?? "the environment"
        let when = moment.ordinal == nil ? moment.when : ""
        let call = "\(caller) called \(called)\(moment.place)\(when)".sentence
        if isAllowed { return "\(call) where \(running), and nest_asyncio let it run inside." }
        if runsElsewhere { return "\(call) while \(running) in another thread, and was refused." }
        return "\(call) where \(running), and was refused."
    }

    var consequence: String {
        if isAllowed {
            return
                "The loop ran inside its own step: other tasks went on in the middle of that line, and every task is "
                + "slower since nest_asyncio has replaced asyncio's by ones in Python."
        }
        if runsLater {
            return
                "By then uvloop had made a task of the coroutine: it runs all the same, later, with nobody who waits "
                + "for it."
        }
        guard event.flags.contains(.mayRunOtherwise) else { return "What it was to run did not run." }
        return
            "The coroutine\(coroutine.map { " \($0.function)() (\($0.short))" } ?? "") did not run: it was never awaited."
    }

    var advice: String {
        if runsElsewhere {
            return "From another thread use asyncio.run_coroutine_threadsafe(coroutine, loop).result()."
        }
        if event.detail == "async_to_sync" {
            return "Await the async function itself; async_to_sync() is for threads in which no loop runs."
        }
        if place.line.isInCell {
            return
                "Await the coroutine in the cell itself, as in: await main(). A notebook's cells run where a loop runs "
                + "already, and may use await outside of functions."
        }
        return
            "Make the function that calls it\(place.line.function == "<module>" ? "" : ", \(place.line.function)(),") "
            + "an async def and await the coroutine there. Where it must stay a def, call it in a thread: "
            + "await asyncio.to_thread(...), or loop.run_in_executor(...) before Python 3.9."
    }
}
