package import LoopModel

/// A task fails, and nobody ever looks at its exception.
///
/// One finding for each line and invocation; its site is the line that raised.
package struct UnretrievedException: DetectionRule {
    package let id = "unretrieved-exception"
    package let code = "LW404"
    package let title = "A task's exception is never looked at"
    package let severity = Severity.warning
    package let underFault = FaultBearing.lingers
    package let summary =
        "A task failed, and the invocation answered as if it had not, because nobody awaited the task."
    package let wakingKinds: EventKinds = [.exceptionNeverRetrieved]

    package init() {}

    package var explanation: RuleExplanation {
        RuleExplanation(
            cause: """
                An exception that ends a task is kept in it until somebody awaits the task or asks for its result. \
                When nobody does, the invocation goes on as if the work had been done. asyncio prints "Task exception \
                was never retrieved" when the garbage collector takes the task apart, as a line in the log that no \
                invocation's outcome shows.
                """,
            whyOnlyWarm: """
                It happens cold and warm alike, but the line in the log may come several invocations later, when the \
                garbage collector runs, and is then taken for another request's.
                """,
            broken: """
                import asyncio


                async def charge(order):
                    raise LookupError("no such order")


                async def work(event):
                    task = asyncio.create_task(charge(event.get("order")))
                    await asyncio.wait([task])
                    return "charged"


                def handler(event, context):
                    return asyncio.run(work(event))
                """,
            fixed: """
                import asyncio


                async def charge(order):
                    raise LookupError("no such order")


                async def work(event):
                    task = asyncio.create_task(charge(event.get("order")))
                    try:
                        await task
                    except LookupError:
                        return "not charged"
                    return "charged"


                def handler(event, context):
                    return asyncio.run(work(event))
                """,
            seeAlso: [
                "fire-and-forget",
                "https://docs.python.org/3/library/asyncio-dev.html#detect-never-retrieved-exceptions",
            ]
        )
    }

    package func findings(in timeline: Timeline) -> [Finding] {
        var told: Set<CodeLine> = []
        return timeline.observations(.exceptionNeverRetrieved).compactMap { observation in
            guard !observation.isAtShutdown, let site = observation.event.site?.line, told.insert(site).inserted else {
                return nil
            }
            return timeline.finding(
                of: self,
                severity: severity,
                ordinal: timeline.ordinal(of: observation.moment),
                site: site,
                related: [
                    observation.line(.created), observation.moment.related(as: .raised), observation.line(.defined),
                ],
                message: [observation.sentence, timeline.unharmed(observation.event.ordinal)],
                advice: [observation.advice]
            )
        }
    }
}

extension Observation {
    private var holder: String { definition == nil ? "future" : "task" }

    fileprivate var sentence: String {
        let error = event.detail.map { " with \"\($0)\"" } ?? ""
        return "A \(holder)\(making) failed\(moment.place)\(error), and nobody has asked for its result; that came to "
            + "light\(moment.when)."
    }

    fileprivate var advice: String {
        "Await the \(holder), alone or with asyncio.gather(...), and deal with the exception there; after asyncio.wait(...) "
            + "ask each for its result()."
    }
}
