package import LoopModel

/// `get_event_loop()` is called in a thread that has no current event loop.
///
/// Only where it mattered: the error came out of the handler, or was swallowed by an `except` that did not mean it and
/// nothing was done instead. One finding for each asking line and invocation; the line that emptied the slot is among
/// the related lines.
package struct NoCurrentLoop: DetectionRule {
    package let id = "no-current-loop"
    package let code = "LW102"
    package let title = "get_event_loop() finds no current event loop"
    package let severity = Severity.error
    package let summary =
        "get_event_loop() raises in threads other than the main one, and in the main one after asyncio.run()."
    package let wakingKinds: EventKinds = [.noCurrentLoop]

    package init() {}

    package var explanation: RuleExplanation {
        RuleExplanation(
            cause: """
                Every thread has a slot for its current event loop. get_event_loop(), called where no loop runs, \
                returns what is in it. Only in the main thread, and only while the slot has never been filled, does \
                it make a loop by itself; uvloop, and Python from 3.14 on, never do. asyncio.run() empties the slot \
                when it is done, and so does set_event_loop(None): from then on get_event_loop() raises RuntimeError \
                "There is no current event loop in thread ...".
                """,
            whyOnlyWarm: """
                In the cold invocation get_event_loop() still makes a loop. Once anything in the environment has \
                called asyncio.run(), a library at import too, it raises for good. In threads it raises from the \
                first time on.
                """,
            broken: """
                import asyncio


                async def work(number):
                    return number


                def handler(event, context):
                    first = asyncio.run(work(1))
                    loop = asyncio.get_event_loop()
                    return first + loop.run_until_complete(work(2))
                """,
            fixed: """
                import asyncio


                async def work(number):
                    return number


                async def both():
                    return await work(1) + await work(2)


                def handler(event, context):
                    return asyncio.run(both())
                """,
            seeAlso: ["https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.get_event_loop"]
        )
    }

    package func findings(in timeline: Timeline) -> [Finding] {
        MissingLoop.faults(.noCurrentLoop, in: timeline).map { fault in
            let story = EmptySlot(fault: fault, host: timeline.environment)
            let ordinal = timeline.ordinal(of: fault.moment)
            return timeline.finding(
                of: self,
                severity: severity,
                ordinal: ordinal,
                site: fault.line,
                related: [
                    story.emptied?.related(as: .set), fault.moment.related(as: .used),
                    fault.library.map { RelatedSite(role: .via, ordinal: fault.moment.invocation, line: $0) },
                ],
                message: [
                    story.sentence, story.reason,
                    fault.moment.phase == .invocation ? timeline.unharmed(ordinal) : nil,
                ],
                advice: [story.advice]
            )
        }
    }
}

/// Why a thread's slot held no loop.
private struct EmptySlot {
    let fault: MissingLoop
    let host: EnvironmentRecord

    private var slot: SlotState? { fault.ledger.slots[fault.moment.thread] }
    private var isMain: Bool { fault.moment.thread == 1 }

    /// When the slot was emptied; nil where it has always been empty, or the host empties it.
    var emptied: Moment? {
        guard let slot, slot.loop == nil, !slot.isHosts else { return nil }
        return slot.set
    }

    var sentence: String {
        let asker = fault.moment.ordinal.map { named($0) } ?? "the environment"
        let when = fault.moment.ordinal == nil ? fault.moment.when : ""
        let place = isMain ? "" : ", in a thread of its own"
        return "\(asker) called get_event_loop()\(fault.moment.place)\(when)\(place), and there was no current loop."
            .sentence
    }

    var reason: String {
        if let emptied {
            let emptier = emptied.site?.via?.function == "run" ? "asyncio.run()" : "set_event_loop(None)"
            let isSame = emptied.phase == .invocation && emptied.ordinal == fault.moment.ordinal
            return "The slot had been emptied by \(emptier)\(emptied.place)\(isSame ? "" : emptied.when)."
        }
        if !isMain { return "Only the main thread has one without being given it." }
        if host.loop == .uvloop { return "With uvloop nobody makes one unasked." }
        return "From Python 3.14 on get_event_loop() makes none."
    }

    var advice: String {
        if !isMain {
            return "In a thread use asyncio.run(...), which makes a loop and closes it; or hand the coroutine to the "
                + "loop of another thread with asyncio.run_coroutine_threadsafe(coroutine, loop)."
        }
        return
            "Use asyncio.run(...) for this part too, or one asyncio.run(...) around all; to keep one loop for several "
            + "calls, use an asyncio.Runner (Python 3.11 and later)."
    }
}
