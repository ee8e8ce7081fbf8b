package import LoopModel

/// Work is given to an executor that was shut down.
///
/// One finding for each line and invocation. Its site is the line that gave the work; where the executor was made and
/// shut down is among the related lines, as far as it is known.
package struct ClosedExecutorReuse: DetectionRule {
    package let id = "closed-executor-reuse"
    package let code = "LW207"
    package let title = "An executor is used after it was shut down"
    package let severity = Severity.error
    package let summary = "A thread or process pool that was shut down takes no more work, and every submit raises."
    package let wakingKinds: EventKinds = [.executorReused]

    package init() {}

    package var explanation: RuleExplanation {
        RuleExplanation(
            cause: """
                A pool is shut down for good by shutdown(), by the end of its with statement, and, where it is a loop's \
                default executor, by asyncio.run() at its end. Whatever is given to it then raises RuntimeError: cannot \
                schedule new futures after shutdown, or Executor shutdown has been called.
                """,
            whyOnlyWarm: """
                The cold invocation has the pool while it is open, and shuts it down when it is done. The environment is \
                kept, and the module that made the pool is not imported again.
                """,
            broken: """
                from concurrent.futures import ThreadPoolExecutor

                pool = ThreadPoolExecutor(max_workers=2)


                def handler(event, context):
                    with pool:
                        return list(pool.map(str.upper, ["a", "b"]))
                """,
            fixed: """
                from concurrent.futures import ThreadPoolExecutor


                def handler(event, context):
                    with ThreadPoolExecutor(max_workers=2) as pool:
                        return list(pool.map(str.upper, ["a", "b"]))
                """,
            seeAlso: [
                "closed-loop-reuse",
                "https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.Executor.shutdown",
            ]
        )
    }

    package func findings(in timeline: Timeline) -> [Finding] {
        var told: Set<Occasion> = []
        return timeline.observations(.executorReused).compactMap { observation in
            let reuse = ExecutorReuse(observation: observation)
            guard let site = reuse.culprit, told.insert(Occasion(reuse.moment, line: site)).inserted else { return nil }
            let ordinal = timeline.ordinal(of: reuse.moment)
            return timeline.finding(
                of: self,
                severity: reuse.isAtExit ? .warning : severity,
                ordinal: ordinal,
                site: site,
                related: [
                    reuse.made, reuse.shut, reuse.moment.related(as: .used),
                    reuse.library.map { RelatedSite(role: .via, ordinal: reuse.moment.invocation, line: $0) },
                ],
                message: [
                    reuse.sentence, reuse.origin,
                    reuse.moment.phase == .invocation ? timeline.unharmed(ordinal) : nil,
                ],
                advice: [reuse.advice]
            )
        }
    }
}

/// Work that an executor refused.
private struct ExecutorReuse {
    let observation: Observation
    let moment: Moment

    init(observation: Observation) {
        self.observation = observation
        moment = observation.moment
    }

    var isAtExit: Bool { observation.event.flags.contains(.atInterpreterExit) }
    private var isDefault: Bool { observation.event.flags.contains(.isDefaultExecutor) }

    var made: RelatedSite? { observation.line(.created) }
    var shut: RelatedSite? {
        observation.line(.closed) ?? (isDefault ? observation.loop?.executorShutdown?.related(as: .closed) : nil)
    }
    var library: CodeLine? { moment.site?.library }

    /// The line to change.
    ///
    /// nil where a library alone was surprised by the end of Python.
    var culprit: CodeLine? {
        moment.userLine ?? (isAtExit ? nil : shut?.line ?? made?.line ?? moment.site?.line)
    }

    private var name: String {
        if isDefault { return "the default executor of \(observation.event.loop.map { "\($0)" } ?? "its loop")" }
        return "a \(observation.event.detail?.split(separator: ".").last ?? "pool")"
    }

    var sentence: String {
        let end = isAtExit ? "the interpreter was ending, which shuts down every pool" : "it was shut down\(ending)"
        return "\(moment.actor) gave work to \(name)\(moment.place), but \(end).".sentence
    }

    private var ending: String {
        guard let shut else { return " before" }
        return " at \(shut.line.short)" + when(shut)
    }

    var origin: String? { made.map { "It was made at \($0.line.short)\(when($0))." } }

    private func when(_ related: RelatedSite) -> String {
        if related.line.function == "<module>" { return " while the module was imported" }
        return related.ordinal.map { " in \(named($0))" } ?? " while the handler was loaded"
    }

    var advice: String {
        if isAtExit {
            return "Wait for what goes on in threads before the handler returns: nothing can be started any more when "
                + "Python ends."
        }
        if isDefault {
            return
                "Give the work to the executor before loop.shutdown_default_executor(), which the end of asyncio.run() "
                + "calls as well."
        }
        let shutting = shut.map { " at \($0.line.short)" } ?? ""
        if let made, made.line.function == "<module>" || made.ordinal != moment.invocation {
            return
                "Make the pool in the invocation that uses it, in a with statement, or keep it for the environment's "
                + "life and take out its shutdown\(shutting)."
        }
        return "Give the work to the pool before its shutdown\(shutting)."
    }
}
