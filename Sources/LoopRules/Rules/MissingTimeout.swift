package import LoopModel

/// An invocation ran into its limit while its loop idled, waiting for an answer that did not come.
///
/// One finding for the invocation; its site is where the first of the tasks waited that waited for no other task. The
/// other lines are told with it. A loop that was at work then is left to ``BlockingCall`` and ``Deadlock``.
package struct MissingTimeout: DetectionRule {
    package let id = "missing-timeout"
    package let code = "LW407"
    package let title = "An await outlived the invocation's time limit"
    package let severity = Severity.warning
    package let underFault = FaultBearing.passes
    package let summary =
        "The environment was ended by the time limit while the loop waited; a timeout of the handler's own would be told."
    package let wakingKinds: EventKinds = [.awaitPending]

    package init() {}

    package var explanation: RuleExplanation {
        RuleExplanation(
            cause: """
                When an invocation reaches its limit the host ends the whole process: no exception, no finally, no \
                answer that says what was slow, and the next invocation is a cold start. An await without a limit of \
                its own leaves it at that. What every task was waiting for is asked shortly before the end.
                """,
            whyOnlyWarm: """
                It depends on the other side, not on the environment: the server that is waited for, the lock that is \
                not released. A connection kept from an earlier invocation, whose peer has gone away while the \
                environment was frozen, is a common cause, and shows only warm.
                """,
            broken: """
                import asyncio


                async def answer(queue):
                    return await queue.get()


                async def work(event):
                    queue = asyncio.Queue()
                    if not event.get("lost", False):
                        queue.put_nowait("an answer")
                    return await answer(queue)


                def handler(event, context):
                    return asyncio.run(work(event))
                """,
            fixed: """
                import asyncio


                async def answer(queue):
                    return await queue.get()


                async def work(event):
                    queue = asyncio.Queue()
                    if not event.get("lost", False):
                        queue.put_nowait("an answer")
                    try:
                        return await asyncio.wait_for(answer(queue), timeout=1)
                    except asyncio.TimeoutError:
                        return "no answer in time"


                def handler(event, context):
                    return asyncio.run(work(event))
                """,
            seeAlso: [
                "blocking-call", "https://docs.python.org/3/library/asyncio-task.html#asyncio.timeout",
            ]
        )
    }

    package func findings(in timeline: Timeline) -> [Finding] {
        guard let invocation = timeline.invocation, invocation.outcome == .timeout else { return [] }
        let pending = timeline.observations(.awaitPending).filter { $0.event.ordinal == invocation.ordinal }
        guard !pending.contains(where: { $0.event.flags.contains(.loopIsBusy) }) else { return [] }
        let awaited = pending.filter { !$0.event.flags.contains(.inBackground) && $0.event.site != nil }
        let ends = awaited.filter { !$0.event.flags.contains(.waitsForTasks) }
        let told = distinct(ends.isEmpty ? awaited : ends)
        guard let site = told.first?.event.site?.line else { return [] }
        return [
            timeline.finding(
                of: self,
                severity: severity,
                ordinal: invocation.ordinal,
                site: site,
                related: told.map { $0.moment.related(as: .waited) }
                    + distinct(awaited).map { $0.moment.related(as: .waited) },
                message: [
                    "\(named(invocation.ordinal).sentence) was ended by its time limit while its loop had nothing to do "
                        + "but wait: \(enumerated(told.prefix(Self.mostNamed).map(wait))).",
                    told.count > Self.mostNamed ? "And \(counted(told.count - Self.mostNamed, "more line"))." : nil,
                ],
                advice: [
                    "Give the await at \(site.short) a limit below the function's, \(limit(timeline.environment.pythonVersion)) "
                        + "or the client's own timeout, so that the handler can answer and clean up."
                ]
            )
        ]
    }

    private static let mostNamed = 5

    /// As in `answer() waited at handler.py:5`.
    private func wait(_ observation: Observation) -> String {
        let name = observation.event.detail.map { "\($0)() " } ?? ""
        return "\(name)waited\(observation.event.site?.place ?? "")"
    }

    /// By line, the first of each.
    private func distinct(_ observations: [Observation]) -> [Observation] {
        var seen: Set<CodeLine> = []
        return observations.sorted { ($0.event.site?.line.description ?? "") < ($1.event.site?.line.description ?? "") }
            .filter { $0.event.site.map { seen.insert($0.line).inserted } ?? false }
    }

    /// `asyncio.timeout` came with 3.11.
    private func limit(_ python: String?) -> String {
        let old = ["3.8.", "3.9.", "3.10."]
        return old.contains { python?.hasPrefix($0) == true }
            ? "by asyncio.wait_for(...)" : "by async with asyncio.timeout(...), asyncio.wait_for(...)"
    }
}
