package import LoopModel

/// A task is not done when nobody waits for it any more: the answer goes out, or asyncio.run() ends.
///
/// One finding for each line and invocation; its site is the line that made the task where that is known (the probe's
/// deep mode), else the line at which it waits.
///
/// What is cancelled then is told at once, and so is what was put on a loop that nobody ran. A task on a loop that goes on may be a service for the whole environment, so
/// it takes a second fact: a later invocation leaves another one of the same function, or the task comes to its end in
/// a later invocation.
package struct FireAndForget: DetectionRule {
    package let id = "fire-and-forget"
    package let code = "LW402"
    package let title = "A task is unfinished when the answer goes out"
    package let severity = Severity.warning
    package let underFault = FaultBearing.passes
    package let summary =
        "A task that nobody awaits is cancelled when the invocation ends, or frozen until a later one happens to run it."
    package let wakingKinds: EventKinds = [.taskUnfinished, .taskResumed]

    package init() {}

    package var explanation: RuleExplanation {
        RuleExplanation(
            cause: """
                create_task() starts work and does not wait for it. On a server that is fine; a serverless environment \
                stops when the answer is out. asyncio.run() and hosts that make a loop for each invocation cancel \
                what is left. On a loop that is kept open the task stays where it is, frozen with the process, and \
                goes on, if at all, in some later invocation: on its time, with a connection that the other side has \
                long given up.
                """,
            whyOnlyWarm: """
                Work that is cancelled is lost cold and warm alike, silently. On a kept loop it looks as if the work \
                were done as long as one invocation follows the other, because the next one finishes it; the last \
                one before a pause loses it.
                """,
            broken: """
                import asyncio


                async def audit(event):
                    await asyncio.sleep(0.05)


                async def work(event):
                    asyncio.create_task(audit(event))
                    return "done"


                def handler(event, context):
                    return asyncio.run(work(event))
                """,
            fixed: """
                import asyncio


                async def audit(event):
                    await asyncio.sleep(0.05)


                async def work(event):
                    task = asyncio.create_task(audit(event))
                    result = "done"
                    await task
                    return result


                def handler(event, context):
                    return asyncio.run(work(event))
                """,
            seeAlso: [
                "pending-task", "stalled-task",
                "https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task",
            ]
        )
    }

    package func findings(in timeline: Timeline) -> [Finding] {
        // More is to be said of those by their own rules.
        let others = timeline.deafTasks.union(timeline.refusedCoroutines)
        let strangers = Set(
            timeline.observations(.wrongLoop).map { LoopSerial(rawValue: UInt32(clamping: $0.event.value)) }
        )
        let observations = timeline.taskObservations(.taskUnfinished, .taskResumed) { observation in
            if observation.event.flags.contains(.leftUnrun), let loop = observation.event.loop, strangers.contains(loop)
            {
                return false
            }
            return observation.isForgotten && !observation.isStalled
                && observation.definition.map(others.contains) != true
        }
        return observations.compactMap { finding(about: $0, in: timeline) }
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
                observation.line(.left),
                observation.isOnUnaskedLoop ? observation.loop?.created.related(as: .set) : nil,
                observation.event.flags.contains(.cancelledByRunner)
                    ? observation.loop?.created.related(as: .ran) : nil,
            ],
            message: [
                observation.sentence, observation.consequence,
                observation.event.phase == .invocation ? timeline.unharmed(ordinal) : nil,
            ],
            advice: [observation.advice]
        )
    }
}

extension RelatedSite.Role {
    /// Where a task waited when an earlier invocation left it.
    static let left = Self(rawValue: "left")
}

extension Observation {
    /// Whether it is work that somebody has forgotten, rather than a service for the environment.
    fileprivate var isForgotten: Bool {
        event.kind == .taskResumed
            || !event.flags.isDisjoint(with: [.cancelledByRunner, .cancelledByHost, .leftBefore, .leftUnrun])
    }

    /// Whether it was put on a loop that get_event_loop() had made, and nobody ran.
    fileprivate var isOnUnaskedLoop: Bool { event.flags.contains(.leftUnrun) && loop?.isImplicit == true }

    private var waiting: String { "\(task)\(making) waited\(moment.place)" }

    private var answerer: String { event.ordinal.map { named($0).sentence } ?? "The handler's module" }

    fileprivate var sentence: String {
        if event.kind == .taskResumed {
            let earlier = line(.left).flatMap(\.ordinal).map { named($0) } ?? "an earlier invocation"
            return
                "\(task.sentence)\(making) was unfinished when \(earlier) answered, and came to its end\(moment.when): it "
                + "was frozen in between, and ran on the time of another request."
        }
        if event.flags.contains(.cancelledByRunner) {
            let time = moment.when.dropFirst()
            return "\(String(time).sentence) asyncio.run()\(loop?.created.place ?? "") ended while \(waiting), and "
                + "cancelled it."
        }
        if event.flags.contains(.cancelledByHost) {
            return "\(answerer) answered while \(waiting), and the host cancelled it with its loop."
        }
        if event.flags.contains(.leftUnrun) {
            let name = loop.map { "\($0.serial)" } ?? "a loop"
            let origin =
                loop.flatMap { $0.isImplicit ? ", which get_event_loop() had made\($0.created.place)" : nil } ?? ""
            return
                "\(answerer) put \(task)\(making) on \(name)\(origin), and nobody ran that loop: nothing of \(call) has "
                + "been done."
        }
        return "\(answerer) answered while \(waiting), as an earlier invocation had done."
    }

    fileprivate var consequence: String? {
        if event.kind == .taskResumed || event.flags.contains(.leftUnrun) { return nil }
        if event.flags.contains(.leftInThread) {
            return
                "Its loop runs in another thread, but the whole process is frozen between invocations: it goes on in a "
                + "later one, or never."
        }
        if event.flags.contains(.leftFrozen) {
            return "Its loop is kept open and does not run: it goes on when a later invocation runs the loop, or never."
        }
        return "The rest of its work is lost."
    }

    fileprivate var advice: String {
        if event.flags.contains(.leftUnrun) {
            return
                "Move the call into an async def, await it there, and run that with asyncio.run(...): create_task(), "
                + "ensure_future() and gather() only put work on a loop."
        }
        if event.flags.contains(.leftByGather) {
            return
                "A gather() that fails leaves its other tasks running: catch the error, cancel them and await them, as "
                + "with await asyncio.gather(*tasks, return_exceptions=True); or use asyncio.TaskGroup (Python 3.11)."
        }
        let work = line(.created).map { "the task made at \($0.line.short)" } ?? "the task of \(call)"
        let wait =
            event.flags.contains(.leftInThread)
            ? "Wait for \(work) before answering, with the .result() of what run_coroutine_threadsafe() returns."
            : "Keep \(work) and await it before answering."
        return wait + " What shall go on after the answer belongs into a queue or an invocation of its own."
    }
}
