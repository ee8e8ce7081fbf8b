package import LoopModel

/// A signal handler, or a child watcher that needs one, is asked for outside the main thread.
///
/// One finding for each line and invocation. Its site is the line that asked. A library that tries and does without is
/// left alone, unless the invocation failed.
package struct SignalOffMain: DetectionRule {
    package let id = "signal-off-main"
    package let code = "LW704"
    package let title = "A signal handler is set outside the main thread"
    package let severity = Severity.warning
    package let summary = "Python lets only the main thread set signal handlers; elsewhere it raises, and none is set."
    package let wakingKinds: EventKinds = [.signalOffMain]

    package init() {}

    package var explanation: RuleExplanation {
        RuleExplanation(
            cause: """
                Python runs signal handlers in the main thread of the main interpreter, and lets only that thread set \
                them. signal.signal(), signal.set_wakeup_fd() and loop.add_signal_handler() raise ValueError or \
                RuntimeError in any other; so do the child watchers of asyncio that wait for SIGCHLD, up to 3.11.
                """,
            whyOnlyWarm: """
                It fails cold and warm alike, but only on hosts that call the handler in a thread of a pool. Swallowed, \
                it goes unnoticed until the environment is shut down and nothing is cleared away.
                """,
            broken: """
                import signal
                import threading


                def serve():
                    signal.signal(signal.SIGTERM, lambda number, frame: None)


                def handler(event, context):
                    thread = threading.Thread(target=serve)
                    thread.start()
                    thread.join()
                """,
            fixed: """
                import signal
                import threading

                if threading.current_thread() is threading.main_thread():
                    signal.signal(signal.SIGTERM, lambda number, frame: None)


                def serve():
                    return "done"


                def handler(event, context):
                    thread = threading.Thread(target=serve)
                    thread.start()
                    thread.join()
                """,
            seeAlso: [
                "windows-unsafe", "https://docs.python.org/3/library/signal.html#signals-and-threads",
            ]
        )
    }

    package func findings(in timeline: Timeline) -> [Finding] {
        var told: Set<Occasion> = []
        return timeline.observations(.signalOffMain).compactMap { observation in
            guard let site = observation.event.site else { return nil }
            let ordinal = timeline.ordinal(of: observation.moment)
            let failed = timeline.invocation.map { $0.ordinal == ordinal && $0.outcome != .ok } ?? false
            guard site.isUserCode, site.library == nil || failed,
                told.insert(Occasion(observation.moment, line: site.line)).inserted
            else { return nil }
            return finding(about: observation, at: site, ordinal, in: timeline)
        }
    }

    private func finding(
        about observation: Observation,
        at site: CodeSite,
        _ ordinal: Int?,
        in timeline: Timeline
    ) -> Finding {
        let called = observation.event.detail ?? "signal.signal()"
        let thread = observation.event.threadName.map { "the thread \($0)" } ?? "a thread of its own"
        let isWatcher = called.hasSuffix("Watcher")
        let what =
            isWatcher
            ? "asked for a child process\(site.place) in \(thread), but asyncio's \(called) waits for it with a signal "
                + "and lives on the main thread's loop: no process was started or none will be waited for."
            : "called \(called)\(site.place) in \(thread); only the main thread may, and no handler was set."
        return timeline.finding(
            of: self,
            severity: severity,
            ordinal: ordinal,
            site: site.line,
            related: [
                RelatedSite(role: .called, ordinal: ordinal, line: site.line),
                site.library.map { RelatedSite(role: .via, ordinal: ordinal, line: $0) },
            ],
            message: ["\(observation.moment.actor.sentence) \(what)", timeline.unharmed(ordinal)],
            advice: [
                isWatcher
                    ? "Use asyncio.ThreadedChildWatcher, which is the default, or start the process from the main thread."
                    : "Set handlers once, at module level, where threading.current_thread() is threading.main_thread(); "
                        + "or leave them out: the host ends the environment."
            ]
        )
    }
}
