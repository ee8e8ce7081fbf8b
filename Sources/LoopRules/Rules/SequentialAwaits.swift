package import LoopModel

/// Two awaits stand one after the other, and the second does not need the result of the first.
///
/// Advice from the source, not from a run; asked for by name in the settings. One finding for each such pair, in the
/// first invocation of the environment; its site is the second await.
package struct SequentialAwaits: DetectionRule {
    package let id = "sequential-awaits"
    package let code = "LW502"
    package let title = "Independent awaits run one after the other"
    package let severity = Severity.info
    package let underFault = FaultBearing.passes
    package let summary = "The second await does not use what the first one brings; both could be waited for at once."
    package let isOnByDefault = false
    package let wakingKinds: EventKinds = [.sequentialAwaits]

    package init() {}

    package var explanation: RuleExplanation {
        RuleExplanation(
            cause: """
                Each await waits for its end before the next line begins. Two requests that do not depend on each other \
                take as long as both together; side by side they take as long as the slower one. The source alone \
                cannot tell whether their order matters for another reason, so this is advice, and off unless the \
                settings ask for it under rules, on.
                """,
            whyOnlyWarm: """
                It is the same cold and warm. The function is billed for the whole time in both.
                """,
            broken: """
                import asyncio


                async def price(shop):
                    await asyncio.sleep(0.01)
                    return len(shop)


                async def work():
                    first = await price("a")
                    second = await price("b")
                    return first + second


                def handler(event, context):
                    return asyncio.run(work())
                """,
            fixed: """
                import asyncio


                async def price(shop):
                    await asyncio.sleep(0.01)
                    return len(shop)


                async def work():
                    first, second = await asyncio.gather(price("a"), price("b"))
                    return first + second


                def handler(event, context):
                    return asyncio.run(work())
                """,
            seeAlso: ["https://docs.python.org/3/library/asyncio-task.html#asyncio.gather"]
        )
    }

    package func findings(in timeline: Timeline) -> [Finding] {
        timeline.observations(.sequentialAwaits).compactMap { observation in
            guard let site = observation.event.site, let first = observation.line(.waited) else { return nil }
            // What is seen while the handler is loaded belongs to the cold start.
            let ordinal = timeline.ordinal(of: observation.moment)
            let name = observation.event.detail ?? "the function"
            return timeline.finding(
                of: self,
                severity: severity,
                ordinal: ordinal,
                site: site.line,
                related: [first, RelatedSite(role: .waited, ordinal: ordinal, line: site.line)],
                message: [
                    "In \(name)() the await at \(site.line.short) begins only when the one at \(first.line.short) has "
                        + "ended, whose result it does not use.",
                    "This is read from the source, not observed.",
                ],
                advice: [
                    "Await both at once, if their order does not matter: await asyncio.gather(...), or a task for the first "
                        + "one, begun before the second is awaited."
                ]
            )
        }
    }
}
