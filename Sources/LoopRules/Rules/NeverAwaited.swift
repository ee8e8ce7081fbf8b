package import LoopModel

/// A coroutine is made by a call, and dropped without having run.
///
/// One finding for each line and invocation; its site is the call where it was dropped right there (or the probe's deep
/// mode knows), else the function's definition. Where it was taken for the result that the await would have brought, and
/// that failed, it is that line, and an error. Of a coroutine that was refused, by a closed or running loop, or that
/// a lost task was to run, nothing is said: that is another rule's.
package struct NeverAwaited: DetectionRule {
    package let id = "never-awaited"
    package let code = "LW403"
    package let title = "A coroutine is never awaited"
    package let severity = Severity.warning
    package let underFault = FaultBearing.lingers
    package let summary = "An async function was called without await: nothing of it ran."
    package let wakingKinds: EventKinds = [.neverAwaited]

    package init() {}

    package var explanation: RuleExplanation {
        RuleExplanation(
            cause: """
                Calling an async function runs none of it: it makes a coroutine, which runs when it is awaited or made \
                a task. One that is dropped before that is work that was meant to be done and was not. Python warns of \
                it, once for each line, in an output that few read, and not at all where warnings are filtered out. In \
                a condition it is worse: a coroutine is always true.
                """,
            whyOnlyWarm: """
                It happens cold and warm alike. Python's own warning is printed once for each line, which means in the \
                cold invocation only.
                """,
            broken: """
                import asyncio


                async def audit(event):
                    await asyncio.sleep(0)


                async def work(event):
                    audit(event)
                    return "done"


                def handler(event, context):
                    return asyncio.run(work(event))
                """,
            fixed: """
                import asyncio


                async def audit(event):
                    await asyncio.sleep(0)


                async def work(event):
                    await audit(event)
                    return "done"


                def handler(event, context):
                    return asyncio.run(work(event))
                """,
            seeAlso: [
                "nested-run", "https://docs.python.org/3/library/asyncio-dev.html#detect-never-awaited-coroutines",
            ]
        )
    }

    package func findings(in timeline: Timeline) -> [Finding] {
        guard timeline.events.contains(where: { $0.kind == .neverAwaited }) else { return [] }
        let refused = timeline.refusedCoroutines.union(timeline.definitionsOfLostTasks)
        let isRefusalLikely =
            timeline.before.refusedCoroutines > 0 || timeline.events.contains(where: \.refusesCoroutines)
        let uses = timeline.observations(.neverAwaited).filter(\.isUse)
        let observations = timeline.taskObservations(.neverAwaited) { observation in
            if observation.isUse { return observation.isBest(of: uses) }
            if observation.isAtCall { return observation.event.site.map { refused.contains($0.line) } != true }
            return !isRefusalLikely && observation.definition.map(refused.contains) != true
        }
        return observations.compactMap { finding(about: $0, in: timeline) }
    }

    private func finding(about observation: Observation, in timeline: Timeline) -> Finding? {
        guard let site = observation.event.site else { return nil }
        let ordinal = timeline.ordinal(of: observation.moment)
        return timeline.finding(
            of: self,
            severity: observation.isUse && timeline.unharmed(ordinal) == nil ? .error : severity,
            ordinal: ordinal,
            site: site.line,
            related: [
                observation.isUse ? observation.moment.related(as: .used) : nil,
                observation.isAtCall ? observation.moment.related(as: .called) : nil, observation.line(.defined),
            ],
            message: [observation.sentence, timeline.unharmed(observation.event.ordinal)],
            advice: [observation.advice]
        )
    }
}

extension Timeline {
    /// Where the functions are defined whose coroutines went down with their tasks.
    fileprivate var definitionsOfLostTasks: Set<CodeLine> {
        let tasks = observations(.taskLeftAtClose) + observations(.taskDestroyed) + observations(.taskUnfinished)
        return Set(tasks.compactMap(\.definition))
    }
}

extension Observation {
    fileprivate var isAtCall: Bool { event.flags.contains(.atCall) }

    /// Whether the coroutine was not dropped but used as if it were its result.
    fileprivate var isUse: Bool { event.flags.contains(.usedAsResult) }

    /// Whether no other one of the same line and invocation knows more: the probe may tell an exception twice.
    fileprivate func isBest(of uses: [Observation]) -> Bool {
        definition != nil
            || !uses.contains { other in
                other.definition != nil && other.event.ordinal == event.ordinal
                    && other.event.site?.line == event.site?.line
            }
    }

    fileprivate var sentence: String {
        if event.flags.contains(.givenInList) {
            return
                "\(moment.actor.sentence) gave asyncio.gather() coroutines of \(call) in a list\(moment.place), which it "
                + "refuses: none of them ran."
        }
        if isUse {
            let coroutine = event.detail == nil ? "a coroutine" : "the coroutine of \(call)"
            return "\(moment.actor.sentence) used \(coroutine)\(moment.place) as if it were the result: the await is "
                + "missing, and nothing of it ran."
        }
        return isAtCall
            ? "The coroutine of \(call), called\(moment.place)\(moment.when), was dropped without having been awaited: "
                + "nothing of it ran."
            : "A coroutine of \(call), defined\(moment.place), was made\(moment.when) and dropped without having been "
                + "awaited: nothing of it ran."
    }

    fileprivate var advice: String {
        if event.flags.contains(.givenInList) {
            return "gather() wants each coroutine by itself: put a star before the list, as in asyncio.gather(*calls)."
        }
        if isUse {
            return event.detail == nil
                ? "Await the call first, as in: result = await ...; and use the result\(moment.place)."
                : "Await the call: await \(call); and use what that returns\(moment.place)."
        }
        let place = isAtCall ? moment.place : ""
        let search =
            isAtCall
            ? "" : " With `probe: deep` in the plugin's manifest the finding names the line of the call."
        return "Await it\(place): await \(call); from code that is not async, asyncio.run(\(call)).\(search)"
    }
}
