package import LoopModel

/// A task that nobody waits for stood still while its environment was frozen, and went on in a later invocation.
///
/// One finding for each line and invocation; its site is the one that ``FireAndForget`` would blame, which says nothing
/// of such a task: this is the same fault, seen to its end. Where the function does not freeze by itself, as in a check
/// that freezes it once, it is the other way round, for the same line is told there in lives without a freeze.
///
/// A task on a loop that goes on may be a service for the whole environment, which stands still as well and is meant to.
/// So it takes a fact that services do not give: it comes to its end in a later invocation, it fails there unnoticed, or
/// another one of the same function is left beside it.
package struct StalledTask: DetectionRule {
    package let id = "stalled-task"
    package let code = "LW410"
    package let title = "A task stalls while the environment is frozen"
    package let severity = Severity.warning
    package let underFault = FaultBearing.passes
    package let summary =
        "A task that nobody awaits stands still with the frozen process, and goes on in the middle of a later invocation."
    package let wakingKinds: EventKinds = [.taskUnfinished, .taskResumed, .taskThawed]

    package init() {}

    package var explanation: RuleExplanation {
        RuleExplanation(
            cause: """
                Between two invocations the whole process is stopped, as AWS Lambda does. A task that was started and \
                not awaited stops wherever it waits, for seconds or for hours, and goes on when the next invocation \
                runs its loop: on that one's time and memory, or never when there is no next one. Clocks do not stop: \
                timeouts that run out meanwhile expire at once, and peers have closed their connections.
                """,
            whyOnlyWarm: """
                The cold invocation answers in time and looks well. What it has left behind is finished, late or with \
                an error, by whichever warm invocation comes next; the last one before the environment ends loses it.
                """,
            broken: """
                import asyncio

                loop = None


                async def audit(event):
                    await asyncio.sleep(0.05)


                async def work(event):
                    asyncio.create_task(audit(event))
                    return "done"


                def handler(event, context):
                    global loop
                    loop = loop or asyncio.new_event_loop()
                    return loop.run_until_complete(work(event))
                """,
            fixed: """
                import asyncio

                loop = None


                async def audit(event):
                    await asyncio.sleep(0.05)


                async def answer(event):
                    return "done"


                async def work(event):
                    result, _ = await asyncio.gather(answer(event), audit(event))
                    return result


                def handler(event, context):
                    global loop
                    loop = loop or asyncio.new_event_loop()
                    return loop.run_until_complete(work(event))
                """,
            seeAlso: [
                "fire-and-forget", "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html",
            ]
        )
    }

    package func findings(in timeline: Timeline) -> [Finding] {
        let others = timeline.deafTasks.union(timeline.refusedCoroutines)
        let observations = timeline.taskObservations(.taskUnfinished, .taskResumed, .taskThawed) { observation in
            observation.isStalled && observation.definition.map(others.contains) != true
        }
        guard !observations.isEmpty else { return [] }
        let thaws = timeline.observations(.taskThawed)
        return observations.compactMap { finding(about: $0, thaws, in: timeline) }
    }

    private func finding(about observation: Observation, _ thaws: [Observation], in timeline: Timeline) -> Finding? {
        guard let site = observation.culprit, let task = observation.stalledTask else { return nil }
        let ordinal = timeline.ordinal(of: observation.moment)
        let thaw = thaws.first { $0.event.value == task.number }
        let late = timeline.events.first { event in
            event.kind == .timerLate && event.detail == task.name && event.site == task.latest.site
                && thaw?.event.flags.contains(.wasOverdue) == true && event.ordinal == thaw?.event.ordinal
        }
        return timeline.finding(
            of: self,
            severity: severity,
            ordinal: ordinal,
            site: site,
            related: observation.taskLines + [
                task.latest.related(as: .left), thaw?.resumption?.related(as: .resumed),
                observation.line(.raised) ?? thaw?.line(.raised),
            ],
            message: [
                observation.beginning(task), observation.end(task, thaw),
                late.map { timer in
                    let time = Duration.nanoseconds(timer.value).spoken
                    return observation.event.flags.contains(.hasFailed) && observation.event.kind == .taskThawed
                        ? "Clocks do not stop with it: its time limit had run out \(time) before, and struck at once."
                        : "Clocks do not stop with it: its timer had come due \(time) before, and fired at once."
                },
                observation.event.phase == .invocation ? timeline.unharmed(ordinal) : nil,
            ],
            advice: [observation.stallAdvice]
        )
    }
}

extension RelatedSite.Role {
    /// Where a task waited next, after a freeze.
    static let resumed = Self(rawValue: "resumed")
}

extension Observation {
    /// Whether it is of work that a freeze has really interrupted; told by ``StalledTask``.
    var isStalled: Bool { stalledTask != nil }

    /// The task that has stood still, and is no service for the environment.
    fileprivate var stalledTask: FrozenTask? {
        switch event.kind {
        case .taskResumed: return stalled(event.value).flatMap { $0.isUsual ? $0 : nil }
        case .taskThawed:
            guard event.flags.contains(.isUnnoticed), let task = stalled(event.value),
                event.ordinal != nil, event.ordinal != task.first.invocation
            else { return nil }
            return task
        case .taskUnfinished where event.flags.contains(.leftBefore):
            return ledger.frozenTasks.stalled.last { task in
                task.isUsual && task.number != event.value && task.name == event.detail && task.loop == event.loop
            }
        default: return nil
        }
    }

    private func stalled(_ number: Int64) -> FrozenTask? {
        ledger.frozenTasks[number].flatMap { $0.freezes > 0 ? $0 : nil }
    }

    /// Where it waited next; nil where it came to its end without waiting again.
    fileprivate var resumption: Moment? { event.flags.contains(.hasEnded) ? nil : moment }

    /// When a task was begun, or first seen.
    private func origin(_ task: FrozenTask) -> String {
        switch task.first.invocation {
        case let ordinal?: "begun in \(named(ordinal))"
        case nil: "begun before the first invocation"
        }
    }

    private func stall(_ task: FrozenTask) -> String {
        let times = task.freezes == 1 ? "" : ", \(task.freezes) times,"
        return "waited\(task.latest.place) when the environment was frozen\(times) for \(task.stalled.spoken)"
            + (task.freezes == 1 ? "" : " in all")
    }

    fileprivate func beginning(_ stalled: FrozenTask) -> String {
        let making = line(.created) == nil ? "," : making
        if event.kind == .taskUnfinished {
            return
                "\(moment.actor.sentence) answered and left \(task) unfinished\(moment.place), beside an earlier one, "
                + "\(origin(stalled)), that \(stall(stalled))."
        }
        return "\(task.sentence)\(making) \(origin(stalled)), \(stall(stalled))."
    }

    fileprivate func end(_ stalled: FrozenTask, _ thaw: Observation?) -> String {
        let place = thaw?.resumption?.place ?? ""
        switch event.kind {
        case .taskUnfinished:
            guard let thaw else { return "That one goes on when a later invocation runs the loop, or never." }
            return
                "That one went on\(thaw.moment.when)\(place), on the time of another request, and is unfinished still."
        case .taskThawed:
            let raised = line(.raised).map { " at \($0.line.short)" } ?? ""
            return "It went on\(moment.when), and failed there\(raised): nobody sees the exception."
        default:
            return "It went on\(moment.when)\(place), and came to its end on the time of another request."
        }
    }

    fileprivate var stallAdvice: String {
        let work = line(.created).map { "the task made at \($0.line.short)" } ?? "the task of \(call)"
        let loop = ledger.frozenTasks[event.value]?.loop.flatMap { ledger.loops[$0] } ?? loop
        let isInThread =
            event.kind == .taskUnfinished ? event.flags.contains(.leftInThread) : loop?.wasRunningAtEnd == true
        let wait =
            isInThread
            ? "Wait for \(work) before answering, by the result() of the future that run_coroutine_threadsafe() returns."
            : "Await \(work) before answering: keep it and await it, or use gather() or asyncio.TaskGroup (Python 3.11)."
        return wait + " What shall go on after the answer belongs into a queue or an invocation of its own."
    }
}
