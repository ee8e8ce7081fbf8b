package import LoopModel

/// A task is told to cancel, catches the CancelledError, and goes on.
///
/// One finding for each line and invocation; its site is the line at which the task waits after it. A task that ends
/// itself upon the cancellation, or is still cleaning up, is none.
package struct SwallowedCancel: DetectionRule {
    package let id = "swallowed-cancel"
    package let code = "LW405"
    package let title = "A task goes on although it was cancelled"
    package let severity = Severity.warning
    package let summary =
        "A task caught CancelledError and went on: timeouts do not end it, and the loop cannot wind down."
    package let wakingKinds: EventKinds = [.cancelSwallowed]

    package init() {}

    package var explanation: RuleExplanation {
        RuleExplanation(
            cause: """
                cancel() asks a task to end by raising CancelledError where it waits. A bare except, an except \
                BaseException or an except CancelledError that does not raise it again makes the task deaf: it goes \
                on, past timeouts and past the end of asyncio.run(), which waits for it. In a retry loop it begins \
                anew each time it is told to stop.
                """,
            whyOnlyWarm: """
                It shows cold and warm alike, and only when something is cancelled: at a timeout, when another task of \
                the group fails, at the end of asyncio.run(). There it costs time up to the invocation's own limit.
                """,
            broken: """
                import asyncio


                async def upload(parts):
                    for part in parts:
                        try:
                            await asyncio.sleep(0.01)
                        except BaseException:
                            print("again", part)


                async def work(event):
                    task = asyncio.create_task(upload(range(3)))
                    await asyncio.sleep(0)
                    task.cancel()
                    return "stopped"


                def handler(event, context):
                    return asyncio.run(work(event))
                """,
            fixed: """
                import asyncio


                async def upload(parts):
                    for part in parts:
                        try:
                            await asyncio.sleep(0.01)
                        except Exception:
                            print("again", part)


                async def work(event):
                    task = asyncio.create_task(upload(range(3)))
                    await asyncio.sleep(0)
                    task.cancel()
                    return "stopped"


                def handler(event, context):
                    return asyncio.run(work(event))
                """,
            seeAlso: ["fire-and-forget", "https://docs.python.org/3/library/asyncio-task.html#task-cancellation"]
        )
    }

    package func findings(in timeline: Timeline) -> [Finding] {
        timeline.taskObservations(.cancelSwallowed).compactMap { observation in
            guard let site = observation.event.site?.line else { return nil }
            return timeline.finding(
                of: self,
                severity: severity,
                ordinal: timeline.ordinal(of: observation.moment),
                site: site,
                related: observation.taskLines,
                message: [observation.sentence, timeline.unharmed(observation.event.ordinal)],
                advice: [
                    "Let CancelledError out of \(observation.call): raise it again after the clean-up, and catch Exception "
                        + "rather than BaseException or everything."
                ]
            )
        }
    }
}

extension Observation {
    fileprivate var sentence: String {
        "\(task)\(making) was cancelled\(moment.when), swallowed the CancelledError and went on: it then waited\(moment.place)."
            .sentence
    }
}
