package import LoopModel

/// What needs a running loop is called where none runs.
///
/// Only where it mattered: an error when it came out of the handler, a warning when an `except` that did not mean it has
/// swallowed it and nothing was done instead. One finding for each line and invocation.
package struct NoRunningLoop: DetectionRule {
    package let id = "no-running-loop"
    package let code = "LW103"
    package let title = "What needs a running event loop is called without one"
    package let severity = Severity.error
    package let summary =
        "create_task(), get_running_loop() and what builds on them raise RuntimeError outside of coroutines."
    package let wakingKinds: EventKinds = [.noRunningLoop]

    package init() {}

    package var explanation: RuleExplanation {
        RuleExplanation(
            cause: """
                asyncio.create_task(), asyncio.get_running_loop(), asyncio.timeout() and many clients ask for the loop \
                that runs in this thread. In a plain function that no coroutine has called, and in a thread of an \
                executor, there is none, and they raise RuntimeError "no running event loop". A coroutine that was \
                to become a task never runs.
                """,
            whyOnlyWarm: """
                It fails cold and warm alike, but only on hosts that call the handler outside of a loop, as AWS Lambda \
                does. Under an ASGI server or in a notebook the same line works.
                """,
            broken: """
                import asyncio


                async def audit(event):
                    await asyncio.sleep(0)


                def handler(event, context):
                    asyncio.create_task(audit(event))
                    return "accepted"
                """,
            fixed: """
                import asyncio


                async def audit(event):
                    await asyncio.sleep(0)


                async def accept(event):
                    task = asyncio.create_task(audit(event))
                    await task
                    return "accepted"


                def handler(event, context):
                    return asyncio.run(accept(event))
                """,
            seeAlso: [
                "no-current-loop",
                "https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.get_running_loop",
            ]
        )
    }

    package func findings(in timeline: Timeline) -> [Finding] {
        MissingLoop.faults(.noRunningLoop, in: timeline).map { fault in
            let ordinal = timeline.ordinal(of: fault.moment)
            let caller = fault.moment.ordinal.map { named($0) } ?? "the environment"
            let when = fault.moment.ordinal == nil ? fault.moment.when : ""
            return timeline.finding(
                of: self,
                severity: fault.hasEscaped ? severity : .warning,
                ordinal: ordinal,
                site: fault.line,
                related: [
                    fault.moment.related(as: .used),
                    fault.library.map { RelatedSite(role: .via, ordinal: fault.moment.invocation, line: $0) },
                ],
                message: [
                    "\(caller) asked for the running loop\(fault.moment.place)\(when), and none ran in that thread."
                        .sentence,
                    fault.hasEscaped ? nil : "The error was swallowed, and nothing was done instead.",
                    fault.moment.phase == .invocation ? timeline.unharmed(ordinal) : nil,
                ],
                advice: [
                    "Call it inside a coroutine: put this part into an async def and start it with asyncio.run(...).",
                    fault.moment.thread == 1
                        ? nil
                        : "From a thread hand the coroutine over with asyncio.run_coroutine_threadsafe(coroutine, loop).",
                ]
            )
        }
    }
}
