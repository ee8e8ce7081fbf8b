package import LoopModel

/// Loops are left open by the invocations that make them.
///
/// One finding for each creating line and invocation, as long as something new comes to light. Its site is the line
/// that created the loops. A loop that is open at the end proves nothing, it may be kept on purpose: see ``Leak`` for
/// the second fact that is needed.
package struct LeakedLoop: DetectionRule {
    package let id = "leaked-loop"
    package let code = "LW202"
    package let title = "Event loops are made and never closed"
    package let severity = Severity.error
    package let summary = "Every open loop holds file descriptors; loops that pile up exhaust the process."
    package let wakingKinds: EventKinds = [.openAtEnd, .finalized]

    package init() {}

    package var explanation: RuleExplanation {
        RuleExplanation(
            cause: """
                An event loop holds file descriptors (3 in asyncio, 5 in uvloop) until it is closed. A loop that is \
                dropped instead waits for the garbage collector, which finds it late because it refers to itself; \
                uvloop's keep their descriptors even then. Loops kept in a list or by a thread are never collected.
                """,
            whyOnlyWarm: """
                One loop too many is harmless. It takes an environment that lives long enough: at some 1,024 \
                descriptors (AWS Lambda's limit) the first open() or connect() that fails is in code that has nothing \
                to do with the loops.
                """,
            broken: """
                import asyncio


                async def work():
                    return "done"


                def handler(event, context):
                    loop = asyncio.new_event_loop()
                    return loop.run_until_complete(work())
                """,
            fixed: """
                import asyncio


                async def work():
                    return "done"


                def handler(event, context):
                    return asyncio.run(work())
                """,
            seeAlso: [
                "module-scope-loop", "https://docs.python.org/3/library/asyncio-runner.html#asyncio.run",
                "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html",
            ]
        )
    }

    package func findings(in timeline: Timeline) -> [Finding] {
        // Without one of these nothing new can have come to light.
        guard timeline.events.contains(where: { $0.kind == .openAtEnd || $0.kind == .finalized }) else { return [] }
        let known = Set(Leak.all(in: timeline.before, on: timeline.environment).flatMap { $0.loops.map(\.serial) })
        return Leak.all(in: timeline.after, on: timeline.environment)
            .filter { $0.loops.contains { !known.contains($0.serial) } }
            .compactMap { finding(about: $0, in: timeline) }
    }

    private func finding(about leak: Leak, in timeline: Timeline) -> Finding? {
        guard let newest = leak.loops.last else { return nil }
        let ordinal = timeline.invocation?.ordinal ?? timeline.after.latestOrdinal
        let isOpen = leak.loops.contains { leak.holdsDescriptors($0) }
        return timeline.finding(
            of: self,
            severity: leak.isGrowing && isOpen ? severity : .warning,
            ordinal: ordinal,
            site: leak.line,
            // The latest are enough of a list of equals.
            related: leak.loops.suffix(4).map { $0.created.related(as: .created) } + [
                newest.firstRan?.related(as: .ran),
                leak.library.map { RelatedSite(role: .via, ordinal: newest.created.invocation, line: $0) },
            ],
            message: [
                leak.making, leak.remainder, leak.forecast(limit: timeline.environment, at: ordinal),
                timeline.unharmed(ordinal),
            ],
            advice: [leak.advice]
        )
    }
}
