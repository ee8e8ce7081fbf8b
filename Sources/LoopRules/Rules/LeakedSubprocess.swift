package import LoopModel

/// Invocations start child processes and leave them running, or unwaited for.
///
/// One finding for each starting line and invocation. Its site is that line. One child that is kept is none; a line
/// that leaves one in several invocations is, and so is a child whose loop was closed while it ran.
package struct LeakedSubprocess: DetectionRule {
    package let id = "leaked-subprocess"
    package let code = "LW603"
    package let title = "Child processes are started and left behind"
    package let severity = Severity.warning
    package let summary = "A child process that nobody waits for runs on after the answer, or stays as a zombie."
    package let wakingKinds: EventKinds = [.childLeft]

    private static let tooMany = 3

    package init() {}

    package var explanation: RuleExplanation {
        RuleExplanation(
            cause: """
                A child process is its parent's to wait for. One that runs on when the answer goes out is frozen with \
                the environment and goes on whenever the next invocation comes; one that has exited stays in the \
                process table until somebody waits for it. When the event loop that started it is closed, nothing can \
                wait for it or read what it prints.
                """,
            whyOnlyWarm: """
                The cold invocation leaves one child, which does no harm and may even be meant. Every warm one adds \
                another, with its memory and its pipes, until fork() fails.
                """,
            broken: """
                import asyncio


                async def convert():
                    process = await asyncio.create_subprocess_exec("sleep", "0.1")
                    return process.pid


                def handler(event, context):
                    return asyncio.run(convert())
                """,
            fixed: """
                import asyncio


                async def convert():
                    process = await asyncio.create_subprocess_exec("sleep", "0.1")
                    try:
                        return await asyncio.wait_for(process.wait(), timeout=5)
                    finally:
                        if process.returncode is None:
                            process.kill()
                            await process.wait()


                def handler(event, context):
                    return asyncio.run(convert())
                """,
            seeAlso: [
                "leaked-thread",
                "https://docs.python.org/3/library/asyncio-subprocess.html#asyncio.asyncio.subprocess.Process.wait",
            ]
        )
    }

    package func findings(in timeline: Timeline) -> [Finding] {
        timeline.observations(.childLeft).compactMap { observation in
            Pile(observation, role: .started).map { finding(about: $0, observation, in: timeline) }
        }
    }

    private func finding(about pile: Pile, _ observation: Observation, in timeline: Timeline) -> Finding {
        let event = observation.event
        let program = event.detail.flatMap { $0.isEmpty ? nil : "The process \($0)" } ?? "A process"
        let ordinal = timeline.ordinal(of: observation.moment)
        let place = observation.moment.place
        let isOrphan = event.flags.contains(.loopIsGone)
        let hasExited = event.flags.contains(.hasExited)
        let story: String
        if isOrphan {
            let loop = observation.loop.map { $0.isHosts ? "the host's \($0.serial)" : "\($0.serial)" } ?? "its loop"
            story =
                "\(program), started\(place) on \(loop), was still running when that loop was closed: nothing can wait "
                + "for it any more, and it runs on after the answer."
        } else if hasExited {
            story = "\(program), started\(place) in \(pile.span), has exited and nobody has waited for it."
        } else {
            story = "\(program), started\(place) in \(pile.span), was still running when the invocation ended."
        }
        return timeline.finding(
            of: self,
            severity: pile.ordinals.count >= Self.tooMany ? .error : severity,
            ordinal: ordinal,
            site: pile.line,
            related: observation.related + [
                event.site?.library.map { RelatedSite(role: .via, ordinal: ordinal, line: $0) }
            ],
            message: [story, timeline.unharmed(ordinal)],
            advice: [
                isOrphan
                    ? "Await process.wait() or process.communicate() before the loop ends, and in a finally kill what "
                        + "still runs."
                    : "Wait for the process\(place) before the answer, with a timeout, and kill what still runs; to keep "
                        + "one helper, start it once and look with poll() whether it is still there."
            ]
        )
    }
}
