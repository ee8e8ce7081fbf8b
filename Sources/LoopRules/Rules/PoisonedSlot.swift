package import LoopModel

/// An invocation leaves a closed loop in the current-loop slot of the handler's thread.
///
/// Said once for each loop, by the invocation that left it. Its site is the line that closed the loop.
///
/// An error when the next invocation cannot but meet it; a warning where the host refills the slot. When the invocation
/// made the loop and set it by itself, the next does the same before it asks, as a rule: then nothing is said unless
/// somebody in the environment has been seen to ask, by get_event_loop() having found a closed loop, or none, or made
/// one. Who asks later is told by ``ClosedLoopReuse``, with the line that left the loop there.
/// Nor is anything said of a program that looks whether the current loop is closed, and makes another one then.
/// Where the loop was somebody else's, ``ForeignClose`` tells it.
package struct PoisonedSlot: DetectionRule {
    package let id = "poisoned-slot"
    package let code = "LW203"
    package let title = "A closed loop is left as the current event loop"
    package let severity = Severity.error
    package let summary =
        "The thread's current-loop slot still points at a loop that was closed, and the next invocation gets it."
    package let wakingKinds: EventKinds = [.slotLeftClosed]

    package init() {}

    package var explanation: RuleExplanation {
        RuleExplanation(
            cause: """
                Every thread has a slot for its current event loop. get_event_loop() returns what is in it, closed or \
                not, and makes a new loop only while the slot has never been filled. Closing a loop does not take it \
                out of the slot.
                """,
            whyOnlyWarm: """
                In the cold invocation the slot is empty, or holds a loop that is open. It closes that loop and leaves \
                it there; the next invocation in the environment is handed the closed one. Hosts that fill the slot \
                themselves hide it, AWS Lambda does not.
                """,
            broken: """
                import asyncio


                async def work():
                    return "done"


                def handler(event, context):
                    loop = asyncio.get_event_loop()
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
                "closed-loop-reuse", "module-scope-loop",
                "https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.set_event_loop",
            ]
        )
    }

    package func findings(in timeline: Timeline) -> [Finding] {
        var findings: [Finding] = []
        timeline.visit(.slotLeftClosed) { event, ledger in
            guard let serial = event.loop, let state = ledger.loops[serial], let closed = state.closed,
                state.leftInSlot == nil, state.robbedOwner == nil, !event.flags.contains(.isMinded)
            else { return }
            let slot = ledger.slots[event.thread].flatMap { $0.loop == serial ? $0 : nil }
            let left = Left(
                state: state,
                closed: closed,
                slot: slot,
                ordinal: event.ordinal,
                isHidden: timeline.environment.host.engine == .perInvocation
            )
            guard !left.isOwn || left.isAskedFor(in: timeline) else { return }
            findings += [finding(about: left, in: timeline)].compactMap(\.self)
        }
        return findings
    }

    private func finding(about left: Left, in timeline: Timeline) -> Finding? {
        let lines = [
            left.closed.userLine, left.slot?.set.userLine, left.state.created.userLine, left.closed.site?.line,
        ]
        guard let site = lines.compactMap(\.self).first else { return nil }
        return timeline.finding(
            of: self,
            severity: left.isHidden || left.isOwn ? .warning : severity,
            ordinal: left.ordinal,
            site: site,
            related: [
                left.state.created.related(as: .created), left.slot?.set.related(as: .set),
                left.closed.related(as: .closed),
            ],
            message: [left.sentence, left.consequence],
            advice: [left.advice]
        )
    }
}

/// A closed loop in the slot at the end of an invocation.
private struct Left {
    let state: LoopState
    let closed: Moment
    /// nil when it is not known how the loop got into the slot.
    let slot: SlotState?
    let ordinal: Int?
    /// Whether the host fills the slot before the next invocation.
    let isHidden: Bool

    /// Whether this invocation both made the loop and set it, in so many words.
    var isOwn: Bool {
        guard let slot, let ordinal, !slot.isImplicit, !state.isImplicit else { return false }
        return slot.set.ordinal == ordinal && state.created.ordinal == ordinal
    }

    /// Whether get_event_loop() was called in this environment where no loop ran.
    func isAskedFor(in timeline: Timeline) -> Bool {
        let isUnasked = timeline.after.loops.values.contains { $0.isImplicit && !$0.isHosts }
        return isUnasked
            || timeline.events.contains { event in
                event.kind == .noCurrentLoop
                    || (event.kind == .usedAfterClose
                        && timeline.before.loops.values.contains { $0.leftInSlot != nil && $0.serial == event.loop })
            }
    }

    var sentence: String {
        let closer = ordinal.map { named($0) } ?? "the environment"
        let closing =
            closed.ordinal == ordinal
            ? "\(closer) closed \(state.serial)\(closed.place) and left it"
            : "\(state.serial) was closed\(closed.place)\(closed.when), and \(closer) left it"
        return "\(closing) in the current-loop slot of the handler's thread\(filling).".sentence
    }

    /// How the loop got there.
    private var filling: String {
        guard let slot else { return "" }
        let when = slot.set.ordinal == ordinal && slot.set.phase == .invocation ? "" : slot.set.when
        return slot.isImplicit
            ? ", where get_event_loop() had put it\(slot.set.place)\(when)"
            : ", where set_event_loop() had put it\(slot.set.place)\(when)"
    }

    var consequence: String {
        let next = ordinal.map { named($0 + 1) } ?? "the next invocation"
        if isHidden {
            let failure =
                isOwn
                ? "any get_event_loop() before the next set_event_loop()" : "get_event_loop() in the next invocation"
            return "This host gives each invocation a fresh loop, which hides it; on hosts that do not, such as AWS "
                + "Lambda, \(failure) returns the closed loop."
        }
        return isOwn
            ? "Any get_event_loop() before the next set_event_loop(), in a library too, returns the closed loop."
            : "\(next.sentence) gets the closed loop from get_event_loop(), and will fail with \"Event loop is closed\"."
    }

    var advice: String {
        "Use asyncio.run(...), which makes a loop, closes it and empties the slot; or call "
            + "asyncio.set_event_loop(None) beside the close\(closed.place)."
    }
}
