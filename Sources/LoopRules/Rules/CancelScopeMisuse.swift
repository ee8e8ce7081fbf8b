package import LoopModel

/// An anyio cancel scope, task group or timeout is left in another task, or in another order, than it was entered.
///
/// One finding for each line and invocation, swallowed or not.
package struct CancelScopeMisuse: DetectionRule {
    package let id = "cancel-scope-misuse"
    package let code = "LW408"
    package let title = "A cancel scope is left where it was not entered"
    package let severity = Severity.error
    package let summary =
        "anyio's task groups, timeouts and cancel scopes must be left in the task that entered them, innermost first."
    package let wakingKinds: EventKinds = [.cancelScopeMisuse]

    package init() {}

    package var explanation: RuleExplanation {
        RuleExplanation(
            cause: """
                A cancel scope belongs to the task that enters it, and scopes nest like brackets. A task group or \
                timeout that is entered in one task and left in another breaks this: by __aenter__() and __aexit__() \
                called by hand, by a pool that closes connections in a task of its own, by a yield inside the scope in \
                an asynchronous generator that another task, or the garbage collector, ends. anyio raises RuntimeError \
                when the scope is left, and the tasks under it may be cancelled for ever.
                """,
            whyOnlyWarm: """
                A client that is entered by the first invocation and closed by a later one is closed in another task, \
                and on another loop.
                """,
            broken: """
                import asyncio


                class Client:
                    async def __aenter__(self):
                        import anyio

                        self.group = anyio.create_task_group()
                        await self.group.__aenter__()
                        return self

                    async def __aexit__(self, *error):
                        return await self.group.__aexit__(*error)


                async def work():
                    client = Client()
                    await asyncio.create_task(client.__aenter__())
                    await client.__aexit__(None, None, None)


                def handler(event, context):
                    return asyncio.run(work())
                """,
            fixed: """
                import asyncio


                async def call(number):
                    await asyncio.sleep(0)
                    return number


                async def work():
                    return await asyncio.gather(call(1), call(2))


                def handler(event, context):
                    return asyncio.run(work())
                """,
            seeAlso: ["https://anyio.readthedocs.io/en/stable/cancellation.html"]
        )
    }

    package func findings(in timeline: Timeline) -> [Finding] {
        Misuse.all(.cancelScopeMisuse, in: timeline).map { misuse in
            let isOtherTask = misuse.text.hasPrefix("Attempted to exit cancel scope in a different task")
            return timeline.finding(
                of: self,
                severity: severity,
                ordinal: misuse.ordinal,
                site: misuse.line,
                related: misuse.related,
                message: [
                    "A cancel scope was left\(misuse.place)\(misuse.when) "
                        + (isOtherTask
                            ? "in another task than the one that had entered it."
                            : "while another one, entered after it, was still open."),
                    "The tasks under it may never be cancelled, or for ever.",
                    misuse.moment.phase == .invocation ? timeline.unharmed(misuse.ordinal) : nil,
                ],
                advice: [
                    "Enter and leave it in one function with async with. What has to outlive that function belongs in a "
                        + "task of its own that enters the scope, waits to be told, and leaves it; and no yield inside of "
                        + "a scope in an asynchronous generator, unless it is a @asynccontextmanager's."
                ]
            )
        }
    }
}
