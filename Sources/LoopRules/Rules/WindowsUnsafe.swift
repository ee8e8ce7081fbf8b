package import LoopModel

/// What Windows has not is used by a line that does not look at where it runs.
///
/// Said once for each line and environment. Its site is that line.
package struct WindowsUnsafe: DetectionRule {
    package let id = "windows-unsafe"
    package let code = "LW703"
    package let title = "The code does not run on Windows"
    package let severity = Severity.info
    package let summary = "uvloop, signal handlers on loops, unix sockets and fork do not exist on Windows."
    package let wakingKinds: EventKinds = [.notOnWindows]

    package init() {}

    package var explanation: RuleExplanation {
        RuleExplanation(
            cause: """
                uvloop cannot be installed on Windows; its event loops raise NotImplementedError from \
                add_signal_handler() and have no unix sockets; os.fork() does not exist there. A line that uses one \
                without asking where it runs ends the program on the machines of all who develop on Windows.
                """,
            whyOnlyWarm: """
                It fails cold and warm alike, and on no serverless host: those run Linux. It matters for who runs the \
                same code elsewhere.
                """,
            broken: """
                import asyncio
                import signal


                async def work():
                    loop = asyncio.get_running_loop()
                    loop.add_signal_handler(signal.SIGTERM, loop.stop)


                def handler(event, context):
                    return asyncio.run(work())
                """,
            fixed: """
                import asyncio
                import signal
                import sys


                async def work():
                    loop = asyncio.get_running_loop()
                    if sys.platform != "win32":
                        loop.add_signal_handler(signal.SIGTERM, loop.stop)


                def handler(event, context):
                    return asyncio.run(work())
                """,
            seeAlso: [
                "signal-off-main", "https://docs.python.org/3/library/asyncio-platforms.html#windows",
            ]
        )
    }

    package func findings(in timeline: Timeline) -> [Finding] {
        timeline.observations(.notOnWindows).compactMap { observation in
            guard let site = observation.event.site, site.isUserCode else { return nil }
            let called = observation.event.detail ?? "it"
            let ordinal = timeline.ordinal(of: observation.moment)
            return timeline.finding(
                of: self,
                severity: severity,
                ordinal: ordinal,
                site: site.line,
                related: [RelatedSite(role: .used, ordinal: ordinal, line: site.line)],
                message: [
                    "The line \(site.line.short) has \"\(called)\" without asking for the system; on Windows it does not "
                        + "exist or fails."
                ],
                advice: [advice(for: called)]
            )
        }
    }

    private func advice(for called: String) -> String {
        switch called {
        case "import uvloop":
            "Import uvloop in a try with except ImportError, and use asyncio's own loop where it is not there."
        case "loop.add_signal_handler()":
            "Put it under if sys.platform != \"win32\", or catch NotImplementedError and use signal.signal() there."
        case "os.fork()": "Use subprocess or multiprocessing with the spawn method."
        default: "Put it under if sys.platform != \"win32\", and use TCP on 127.0.0.1 there."
        }
    }
}
