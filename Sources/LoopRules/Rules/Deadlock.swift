package import LoopModel

/// A thread waits for what only its own loop can produce, or a loop that nobody runs.
///
/// One finding for each waiting line and invocation; its site is the wait. What is to be waited for is told with the
/// line that has handed it to the loop. The same line is not told as a blocking call.
package struct Deadlock: DetectionRule {
    package let id = "deadlock"
    package let code = "LW104"
    package let title = "A thread waits for an event loop that cannot turn"
    package let severity = Severity.error
    package let summary =
        "The loop's own thread waits for what only the loop could do, or nobody runs the loop: it never will."
    package let wakingKinds: EventKinds = [.ownLoopWait]

    package init() {}

    package var explanation: RuleExplanation {
        RuleExplanation(
            cause: """
                run_coroutine_threadsafe() is made for other threads: it hands a coroutine to a loop and returns a \
                future whose result() waits. Called in the thread that runs this loop, result() keeps the thread, the \
                loop cannot turn, the coroutine never runs, and the wait never ends. With a timeout it ends in a \
                TimeoutError instead, always. The same happens when the loop's thread joins a thread that waits for \
                the loop; and when a loop was made and no thread runs it.
                """,
            whyOnlyWarm: """
                It waits cold and warm alike. The same helper works when it is called from another thread, as it is in \
                many tests and in handlers that are no coroutines.
                """,
            broken: """
                import asyncio


                async def lookup():
                    return "found"


                def lookup_sync(loop):
                    future = asyncio.run_coroutine_threadsafe(lookup(), loop)
                    return future.result(timeout=1)


                async def work():
                    return lookup_sync(asyncio.get_running_loop())


                def handler(event, context):
                    return asyncio.run(work())
                """,
            fixed: """
                import asyncio


                async def lookup():
                    return "found"


                async def work():
                    return await lookup()


                def handler(event, context):
                    return asyncio.run(work())
                """,
            seeAlso: [
                "blocking-call",
                "https://docs.python.org/3/library/asyncio-task.html#asyncio.run_coroutine_threadsafe",
            ]
        )
    }

    package func findings(in timeline: Timeline) -> [Finding] {
        var told: Set<Wait> = []
        return timeline.observations(.ownLoopWait).compactMap { observation in
            let event = observation.event
            guard let site = event.site, told.insert(Wait(ordinal: event.ordinal, line: site.line)).inserted else {
                return nil
            }
            let moment = observation.moment
            let begun = observation.line(.created)
            let loop = event.loop.map { "\($0)" } ?? "the event loop"
            let call = event.detail ?? "a wait"
            let isJoin = call == "Thread.join()"
            if event.flags.contains(.loopIsIdle) {
                return timeline.finding(
                    of: self,
                    severity: severity,
                    ordinal: moment.invocation,
                    site: site.line,
                    related: [observation.loop?.created.related(as: .created), moment.related(as: .waited)],
                    message: [
                        "\(call)\(site.place)\(moment.when) waited for \(loop), which no thread ran: what was handed to it "
                            + "cannot begin.",
                        observation.loop.map { $0.birth + "." }, timeline.unharmed(moment.invocation),
                    ],
                    advice: [
                        "Run the coroutine itself, with asyncio.run(...). run_coroutine_threadsafe() needs a loop that runs "
                            + "already, in another thread: threading.Thread(target=loop.run_forever, daemon=True).start()."
                    ]
                )
            }
            let cause =
                isJoin
                ? "The thread that it waits for waits for the loop in turn\(begun.map { " at \($0.line.short)" } ?? "")."
                : "The coroutine was handed to that loop\(begun.map { " at \($0.line.short)" } ?? ""), and cannot run before the wait is over."
            return timeline.finding(
                of: self,
                severity: severity,
                ordinal: moment.invocation,
                site: site.line,
                related: [
                    begun.map { RelatedSite(role: .created, ordinal: $0.ordinal, line: $0.line) },
                    moment.related(as: .waited),
                ],
                message: [
                    "\(call)\(site.place)\(moment.when) waited in the thread that runs \(loop), for what only that loop can do.",
                    cause, timeline.unharmed(moment.invocation),
                ],
                advice: [
                    isJoin
                        ? "Await it in place of join(): await asyncio.to_thread(thread.join), or run the work by run_in_executor()."
                        : "Make the caller a coroutine and await the coroutine itself; run_coroutine_threadsafe() is for other threads."
                ]
            )
        }
    }
}

private struct Wait: Hashable {
    let ordinal: Int?
    let line: CodeLine
}

extension Timeline {
    /// The lines that wait for their own loop, as `file:line`: of a function's name the probe knows more than the
    /// stack that is asked for from outside.
    var ownLoopWaits: Set<String> { Set(observations(.ownLoopWait).compactMap(\.event.site?.line.description)) }
}
