package import LoopModel

/// An asynchronous generator was left suspended when its loop was closed, so that it never ends.
///
/// One finding for each generator's line and invocation. Those that asyncio.run() closes at its end are right.
package struct UnclosedAsyncgen: DetectionRule {
    package let id = "unclosed-asyncgen"
    package let code = "LW208"
    package let title = "An asynchronous generator is left open when its loop is closed"
    package let severity = Severity.warning
    package let summary =
        "What stands in its finally blocks and async with statements is never done: no loop can run it."
    package let wakingKinds: EventKinds = [.asyncgenUnclosed]

    package init() {}

    package var explanation: RuleExplanation {
        RuleExplanation(
            cause: """
                A generator that is left in the middle, by break, return or an exception, waits at its yield. To end it, \
                its loop must run it once more: await generator.aclose(), or loop.shutdown_asyncgens(), which \
                asyncio.run() does at its end. When the loop is closed before, the rest of the generator is dropped \
                with its finally blocks: connections are not given back, transactions are not ended.
                """,
            whyOnlyWarm: """
                Nothing raises, neither cold nor warm. What was not given back is missed invocations later, when a pool \
                is empty or the process runs out of descriptors.
                """,
            broken: """
                import asyncio


                async def rows():
                    try:
                        for row in range(10):
                            yield row
                    finally:
                        print("connection given back")


                async def first(found):
                    async for row in found:
                        return row


                def handler(event, context):
                    loop = asyncio.new_event_loop()
                    found = rows()
                    try:
                        return loop.run_until_complete(first(found))
                    finally:
                        loop.close()
                """,
            fixed: """
                import asyncio


                async def rows():
                    try:
                        for row in range(10):
                            yield row
                    finally:
                        print("connection given back")


                async def first():
                    found = rows()
                    try:
                        async for row in found:
                            return row
                    finally:
                        await found.aclose()


                def handler(event, context):
                    return asyncio.run(first())
                """,
            seeAlso: [
                "https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.shutdown_asyncgens",
                "https://peps.python.org/pep-0525/#asyncio-and-shutdown-of-asynchronous-generators",
            ]
        )
    }

    package func findings(in timeline: Timeline) -> [Finding] {
        var told: Set<Occasion> = []
        return timeline.observations(.asyncgenUnclosed).compactMap { observation in
            let moment = observation.moment
            let closing = observation.loop?.closed
            guard moment.phase != .shutdown,
                let site = moment.userLine ?? closing?.userLine ?? moment.site?.line ?? closing?.site?.line,
                told.insert(Occasion(moment, line: site)).inserted
            else { return nil }
            let ordinal = timeline.ordinal(of: moment)
            let name =
                observation.event.detail.map { "The asynchronous generator \($0)" } ?? "An asynchronous generator"
            let loop = observation.event.loop.map { "\($0)" } ?? "its loop"
            return timeline.finding(
                of: self,
                severity: severity,
                ordinal: ordinal,
                site: site,
                related: [moment.related(as: .waited), closing?.related(as: .closed)],
                message: [
                    "\(name) was left suspended\(moment.place) when \(loop) was closed\(closing?.place ?? "")\(moment.when).",
                    "The rest of it, finally blocks and all, will never run.",
                ],
                advice: [
                    "Close it where it is left, with \"await generator.aclose()\" or contextlib.aclosing(...); or run the "
                        + "work with asyncio.run(...), or await loop.shutdown_asyncgens() before loop.close()."
                ]
            )
        }
    }
}
