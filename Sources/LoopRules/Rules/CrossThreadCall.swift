package import LoopModel

/// A method that is not thread-safe is called on a running loop from another thread.
///
/// One finding for each line and invocation. Its site is the calling line. Without the probe's deep mode only stop() is
/// seen, which everybody may watch for nothing.
package struct CrossThreadCall: DetectionRule {
    package let id = "cross-thread-call"
    package let code = "LW601"
    package let title = "A running event loop is used from another thread"
    package let severity = Severity.warning
    package let summary =
        "A loop's methods are not thread-safe: called from another thread, they are late, lost or worse."
    package let wakingKinds: EventKinds = [.crossThreadCall, .stopped]

    package init() {}

    package var explanation: RuleExplanation {
        RuleExplanation(
            cause: """
                An event loop is its thread's. call_soon(), create_task(), stop(), Future.set_result() and \
                Queue.put_nowait() from another thread do not wake it up, so what they ask for happens when something \
                else does, if ever; and they change lists that the loop is working on. Only call_soon_threadsafe() \
                and run_coroutine_threadsafe() may be used. Except for stop(), it is seen with `probe: deep` in \
                plugin.yaml.
                """,
            whyOnlyWarm: """
                It happens cold as well. Whether it shows is a matter of time: a busy loop wakes up often, one that \
                idles in a warm environment waits for its next timer.
                """,
            broken: """
                import asyncio
                import threading


                async def work():
                    loop = asyncio.get_running_loop()
                    done = loop.create_future()
                    threading.Thread(target=lambda: done.set_result("done")).start()
                    return await done


                def handler(event, context):
                    return asyncio.run(work())
                """,
            fixed: """
                import asyncio
                import threading


                async def work():
                    loop = asyncio.get_running_loop()
                    done = loop.create_future()
                    finish = lambda: loop.call_soon_threadsafe(done.set_result, "done")
                    threading.Thread(target=finish).start()
                    return await done


                def handler(event, context):
                    return asyncio.run(work())
                """,
            seeAlso: [
                "foreign-close",
                "https://docs.python.org/3/library/asyncio-dev.html#concurrency-and-multithreading",
            ]
        )
    }

    package func findings(in timeline: Timeline) -> [Finding] {
        var told: Set<Occasion> = []
        var findings: [Finding] = []
        timeline.visit(.crossThreadCall, .stopped) { event, ledger in
            let moment = Moment(event, following: ledger.latestOrdinal)
            guard let state = event.loop.flatMap({ ledger.loops[$0] }), let line = moment.userLine,
                moment.phase != .shutdown, event.kind == .crossThreadCall || isFromAnotherThread(event, state),
                told.insert(Occasion(moment, line: line)).inserted
            else { return }
            let called = event.kind == .stopped ? "stop" : event.detail ?? "call_soon"
            findings.append(finding(of: called, at: line, moment, event.threadName, on: state, in: timeline))
        }
        return findings
    }

    /// Whether a loop that the user's code runs is stopped by another thread; the host's is `foreign-close`.
    private func isFromAnotherThread(_ event: LoopEvent, _ state: LoopState) -> Bool {
        guard state.isRunning, let run = state.lastRan, run.site != nil, !state.isHosts else { return false }
        return run.thread != event.thread
    }

    private func finding(
        of called: String,
        at line: CodeLine,
        _ moment: Moment,
        _ thread: String?,
        on state: LoopState,
        in timeline: Timeline
    ) -> Finding {
        let ordinal = timeline.ordinal(of: moment)
        let runs = state.isHosts ? "the host's \(state.serial)" : "\(state.serial)"
        let ran = state.lastRan ?? state.created
        let effect =
            called == "stop"
            ? "The loop goes on waiting until something else wakes it up."
            : "That does not wake the loop up, and changes what it is working on."
        return timeline.finding(
            of: self,
            severity: severity,
            ordinal: ordinal,
            site: line,
            related: [
                state.created.related(as: .created), ran.related(as: .ran), moment.related(as: .called),
                moment.site?.library.map { RelatedSite(role: .via, ordinal: ordinal, line: $0) },
            ],
            message: [
                "\(moment.actor.sentence) called \(called)()\(moment.place) in \(thread.map { "the thread \($0)" } ?? "a thread"), "
                    + "while \(runs) was running in another\(ran.userLine.map { ", since \($0.short)" } ?? "").",
                effect, timeline.unharmed(ordinal),
            ],
            advice: [advice(for: called)]
        )
    }

    private func advice(for called: String) -> String {
        switch called {
        case "stop": "Call loop.call_soon_threadsafe(loop.stop)."
        case "create_task", "ensure_future":
            "Use asyncio.run_coroutine_threadsafe(coroutine, loop), which gives a concurrent.futures.Future."
        case "call_later", "call_at":
            "Set the timer in the loop's own thread: loop.call_soon_threadsafe(loop.\(called), delay, callback)."
        case "call_soon": "Call loop.call_soon_threadsafe() instead."
        default:
            "Let the loop's own thread do it: pass the bound method \(called) to loop.call_soon_threadsafe()."
        }
    }
}
