package import LoopModel

/// A loop is to be closed while it runs, which it refuses.
///
/// One finding for each line and invocation. What the host tries for its own loops is not told, nor what a library tries
/// by itself and does without.
package struct CloseRunningLoop: DetectionRule {
    package let id = "close-running-loop"
    package let code = "LW205"
    package let title = "An event loop is closed while it runs"
    package let severity = Severity.error
    package let summary = "A running event loop refuses to be closed: close() raises, and the loop stays open."
    package let wakingKinds: EventKinds = [.closeRefused]

    package init() {}

    package var explanation: RuleExplanation {
        RuleExplanation(
            cause: """
                close() is for a loop that has come to rest. Called inside one of its own coroutines, or in another \
                thread while it runs, it raises RuntimeError: Cannot close a running event loop. Nothing is closed: the \
                loop keeps its descriptors and goes on.
                """,
            whyOnlyWarm: """
                It fails cold as well, but the error often is swallowed by the clean-up code that it comes out of. Then \
                the loop that was to be closed stays open, and every invocation adds one.
                """,
            broken: """
                import asyncio


                async def work(loop):
                    try:
                        return "done"
                    finally:
                        loop.close()


                def handler(event, context):
                    loop = asyncio.new_event_loop()
                    return loop.run_until_complete(work(loop))
                """,
            fixed: """
                import asyncio


                async def work():
                    return "done"


                def handler(event, context):
                    return asyncio.run(work())
                """,
            seeAlso: [
                "leaked-loop", "foreign-close",
                "https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.close",
            ]
        )
    }

    package func findings(in timeline: Timeline) -> [Finding] {
        var told: Set<Occasion> = []
        return timeline.observations(.closeRefused).compactMap { observation in
            let moment = observation.moment
            let library = timeline.unharmed(moment.invocation) == nil ? moment.site?.line : nil
            guard let site = moment.userLine ?? library,
                told.insert(Occasion(moment, line: site)).inserted
            else { return nil }
            return finding(about: observation, at: site, in: timeline)
        }
    }

    private func finding(about observation: Observation, at site: CodeLine, in timeline: Timeline) -> Finding {
        let moment = observation.moment
        let ordinal = timeline.ordinal(of: moment)
        let serial = observation.event.loop.map { "\($0)" } ?? "a loop"
        let state = observation.loop
        let isElsewhere = state.map { $0.lastRan?.thread != moment.thread } ?? false
        let run = isElsewhere ? "it ran in another thread" : "it was still running the coroutine that did so"
        return timeline.finding(
            of: self,
            severity: severity,
            ordinal: ordinal,
            site: site,
            related: [state?.created.related(as: .created), moment.related(as: .closed)],
            message: [
                "\(moment.actor) tried to close \(serial)\(moment.place), but \(run).".sentence,
                "The loop refused and stays open.", state.map { "\($0.birth)." },
                moment.phase == .invocation ? timeline.unharmed(ordinal) : nil,
            ],
            advice: [advice(for: state, isElsewhere: isElsewhere, at: site)]
        )
    }

    private func advice(for state: LoopState?, isElsewhere: Bool, at site: CodeLine) -> String {
        if state?.isHosts == true {
            return "The loop is the host's, which closes it: take out the close at \(site.short)."
        }
        if isElsewhere {
            return "Stop the loop with loop.call_soon_threadsafe(loop.stop), join its thread, and close it then."
        }
        return "Close the loop where it was run, after run_until_complete() has returned, or let asyncio.run(...) make "
            + "and close it."
    }
}
