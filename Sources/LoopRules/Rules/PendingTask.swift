package import LoopModel

/// A task never comes to an end: its loop is closed, or it is collected, while it waits.
///
/// One finding for each line and invocation; its site is the line that made the task where that is known (the probe's
/// deep mode), else the line at which it waits. Of a task of which ``FireAndForget`` has told nothing is said.
package struct PendingTask: DetectionRule {
    package let id = "pending-task"
    package let code = "LW401"
    package let title = "A task is lost while it waits"
    package let severity = Severity.warning
    package let summary =
        "A loop is closed over a pending task, or the task is collected: its work stops in the middle, without clean-up."
    package let wakingKinds: EventKinds = [.taskLeftAtClose, .taskDestroyed]

    package init() {}

    package var explanation: RuleExplanation {
        RuleExplanation(
            cause: """
                loop.close() does not care for tasks. One that is not done stays where it waits: no CancelledError is \
                raised in it, and its finally blocks run when the garbage collector takes it apart, with a loop that \
                is closed. asyncio then prints "Task was destroyed but it is pending!". The same happens to a task \
                that only the loop knows: asyncio itself keeps tasks by weak references, so that one that waits for \
                something nobody else holds is collected with it.
                """,
            whyOnlyWarm: """
                It happens cold and warm alike, but the complaint comes from the garbage collector, and so perhaps \
                several invocations later, or never before the environment ends.
                """,
            broken: """
                import asyncio


                async def audit():
                    await asyncio.sleep(0.05)


                async def work():
                    asyncio.ensure_future(audit())
                    return "done"


                def handler(event, context):
                    loop = asyncio.new_event_loop()
                    try:
                        return loop.run_until_complete(work())
                    finally:
                        loop.close()
                """,
            fixed: """
                import asyncio


                async def audit():
                    await asyncio.sleep(0.05)


                async def work():
                    task = asyncio.ensure_future(audit())
                    await task
                    return "done"


                def handler(event, context):
                    return asyncio.run(work())
                """,
            seeAlso: ["fire-and-forget", "https://docs.python.org/3/library/asyncio-runner.html#asyncio.run"]
        )
    }

    package func findings(in timeline: Timeline) -> [Finding] {
        // uvloop makes a task of a coroutine before it refuses to run it: that is told where it was refused.
        let refused = timeline.refusedCoroutines
        return timeline.taskObservations(.taskLeftAtClose, .taskDestroyed) { observation in
            !observation.event.flags.contains(.neverBegun) || observation.definition.map(refused.contains) != true
        }
        .compactMap { finding(about: $0, in: timeline) }
    }

    private func finding(about observation: Observation, in timeline: Timeline) -> Finding? {
        guard let site = observation.culprit else { return nil }
        let ordinal = timeline.ordinal(of: observation.moment)
        return timeline.finding(
            of: self,
            severity: severity,
            ordinal: ordinal,
            site: site,
            related: observation.taskLines + [
                observation.line(.left), observation.line(.closed),
                // Of tests it matters which of them made the loop, rather than which met the garbage collector.
                timeline.environment.host == .pytest ? observation.loop?.created.related(as: .created) : nil,
            ],
            message: [observation.sentence, observation.consequence, timeline.unharmed(observation.event.ordinal)],
            advice: [observation.advice]
        )
    }
}

extension Observation {
    private var isAtClose: Bool { event.kind == .taskLeftAtClose }

    private var closing: String { line(.closed).map { " at \($0.line.short)" } ?? "" }

    fileprivate var sentence: String {
        let state = event.flags.contains(.neverBegun) ? "had not begun to run" : "waited\(moment.place)"
        if isAtClose {
            return
                "\(event.loop?.description ?? "a loop") was closed\(closing)\(moment.when) while \(task)\(making) \(state)."
                .sentence
        }
        return "\(task)\(making) was collected\(moment.when), while it \(state).".sentence
    }

    fileprivate var consequence: String {
        isAtClose
            ? "It was not cancelled and will never go on: the rest of its work is lost, and its clean-up is left to chance."
            : "Nothing held it, nor what it waited for: asyncio keeps tasks by weak references only. Its work is lost."
    }

    fileprivate var advice: String {
        isAtClose
            ? "Await the task before the close\(closing), or cancel it and await it; asyncio.run(...) cancels by itself."
            : "Keep the task, for instance in a set, until it is done, and await it."
    }
}
