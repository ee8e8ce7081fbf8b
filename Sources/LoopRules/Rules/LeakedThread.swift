package import LoopModel

/// Invocations start threads, or make thread pools, that nobody ends.
///
/// One finding for each starting line and invocation, as long as another is left there. Its site is that line. The
/// probe tells of a line only when several invocations have left threads there, those of earlier ones were still alive
/// when a further one ended, and wait for something without a limit of time, or have waited for long.
package struct LeakedThread: DetectionRule {
    package let id = "leaked-thread"
    package let code = "LW602"
    package let title = "Threads are started and never end"
    package let severity = Severity.warning
    package let summary =
        "Every invocation leaves a thread that waits for ever; they pile up until none can be started."
    package let wakingKinds: EventKinds = [.threadLeft]

    /// How many threads of one line are beyond doubt.
    private static let tooMany = 5
    /// Processes and threads together; see the quotas of AWS Lambda.
    private static let limit = 1024

    package init() {}

    package var explanation: RuleExplanation {
        RuleExplanation(
            cause: """
                A thread lives until its function returns. One that waits for jobs or for a signal that never comes \
                stays, with its stack and with everything that its function refers to; so do those of a \
                ThreadPoolExecutor that is kept and never shut down. Being a daemon only means that Python does not \
                wait for it when the process ends.
                """,
            whyOnlyWarm: """
                One thread too many is harmless, and the cold invocation leaves just one. In an environment that is \
                kept warm each invocation adds its own, until "can't start new thread" is raised by code that has \
                nothing to do with them (AWS Lambda allows 1,024 processes and threads together).
                """,
            broken: """
                import queue
                import threading


                def send(jobs):
                    while True:
                        jobs.get()
                        jobs.task_done()


                def handler(event, context):
                    jobs = queue.Queue()
                    threading.Thread(target=send, args=(jobs,), daemon=True).start()
                    jobs.put(event)
                    jobs.join()
                """,
            fixed: """
                import queue
                import threading

                jobs = queue.Queue()


                def send():
                    while True:
                        jobs.get()
                        jobs.task_done()


                threading.Thread(target=send, daemon=True).start()


                def handler(event, context):
                    jobs.put(event)
                    jobs.join()
                """,
            seeAlso: [
                "leaked-loop", "leaked-subprocess",
                "https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.Executor.shutdown",
                "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html",
            ]
        )
    }

    package func findings(in timeline: Timeline) -> [Finding] {
        timeline.observations(.threadLeft).compactMap { observation in
            guard let pile = Pile(observation, role: .started), !isOfLeakedLoop(observation, pile, in: timeline) else {
                return nil
            }
            return observation.event.flags.contains(.holdsExit)
                ? findingAtExit(about: pile, observation, in: timeline)
                : finding(about: pile, observation, in: timeline)
        }
    }

    /// Whether a loop is left open by the same invocations, and the pool is its default executor: closing it would end
    /// that.
    private func isOfLeakedLoop(_ observation: Observation, _ pile: Pile, in timeline: Timeline) -> Bool {
        guard observation.event.flags.contains(.ofExecutor), let via = observation.event.site?.via,
            via.function.hasSuffix("run_in_executor") || via.function == "to_thread"
        else { return false }
        return Leak.all(in: timeline.after, on: timeline.environment).contains { leak in
            leak.isGrowing && Set(pile.ordinals).isSubset(of: leak.loops.compactMap(\.created.invocation))
        }
    }

    /// Of a thread that a suite of tests leaves, for which pytest's own process would never end.
    private func findingAtExit(about pile: Pile, _ observation: Observation, in timeline: Timeline) -> Finding {
        let name = observation.event.detail ?? "Thread"
        let place = observation.moment.place
        let isOne = pile.count == 1
        return timeline.finding(
            of: self,
            severity: .error,
            ordinal: timeline.ordinal(of: observation.moment),
            site: pile.line,
            related: observation.related,
            message: [
                isOne
                    ? "A thread (\(name)) started\(place) in \(pile.span) is alive at the end of the session, and waits."
                    : "\(pile.count) threads (\(name)) started\(place) in \(pile.span) are alive at the end of the "
                        + "session, and wait.",
                "Python waits for \(isOne ? "it" : "them") before it ends, and so it never does.",
            ],
            advice: [
                "Tell the thread started\(place) to end, and join it, in the test or in its fixture's teardown; or make it "
                    + "a daemon."
            ]
        )
    }

    private func finding(about pile: Pile, _ observation: Observation, in timeline: Timeline) -> Finding {
        let flags = observation.event.flags
        let name = observation.event.detail ?? "Thread"
        let ordinal = timeline.ordinal(of: observation.moment)
        let isPool = flags.contains(.ofExecutor)
        let place = observation.moment.place
        let waits = observation.line(.waited)
        let what =
            isPool
            ? "Pools (\(name)) made" : "\(flags.contains(.isDaemon) ? "Daemon threads" : "Threads") (\(name)) started"
        let rest =
            waits.map { "\(counted(pile.count, "thread")) of them are alive and wait, at \($0.line.short) for one." }
            ?? "\(counted(pile.count, "thread")) of them are alive and wait."
        let last = ordinal.flatMap { pile.lastInvocation(at: $0, limit: Self.limit) }
        return timeline.finding(
            of: self,
            severity: pile.count >= Self.tooMany ? .error : severity,
            ordinal: ordinal,
            site: pile.line,
            related: observation.related + [
                observation.event.site?.library.map { RelatedSite(role: .via, ordinal: ordinal, line: $0) }
            ],
            message: [
                "\(what)\(place) in \(pile.span) have never ended.", rest,
                last.map {
                    "At this rate the process has \(Self.limit) threads, as many as AWS Lambda allows, in invocation \($0)."
                },
                timeline.unharmed(ordinal),
            ],
            advice: [
                isPool
                    ? "Use the \(name)\(place) in a with statement, or make one at module level and keep it."
                    : "Start the thread\(place) once and keep it for the whole environment; or tell it to end, and join "
                        + "it before the answer."
            ]
        )
    }
}
