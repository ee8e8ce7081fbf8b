package import LoopModel

/// What comes out of the handler ends the process: SystemExit, KeyboardInterrupt, CancelledError.
///
/// One finding for each; its site is the user's innermost line that the exception came through.
package struct EscapedExit: DetectionRule {
    package let id = "escaped-exit"
    package let code = "LW406"
    package let title = "An exception that ends the process comes out of the handler"
    package let severity = Severity.error
    package let underFault = FaultBearing.passes
    package let summary =
        "SystemExit, KeyboardInterrupt or CancelledError left the handler: the environment ends, and the next start is cold."
    package let wakingKinds: EventKinds = [.exitEscaped]

    package init() {}

    package var explanation: RuleExplanation {
        RuleExplanation(
            cause: """
                Hosts catch Exception around the handler. SystemExit, KeyboardInterrupt and, since Python 3.8, \
                asyncio.CancelledError are none: they pass through the host's own code and end the interpreter. The \
                caller gets no answer of the handler's but an error of the host's ("Runtime exited", also after \
                sys.exit(0)), and the environment with all that it kept is gone.
                """,
            whyOnlyWarm: """
                It happens whenever the line is reached, cold or warm; what it costs is the warm start: the next \
                invocation finds no environment.
                """,
            broken: """
                import sys


                def handler(event, context):
                    if not event.get("order"):
                        sys.exit(0)
                    return "done"
                """,
            fixed: """
                def handler(event, context):
                    if not event.get("order"):
                        return "nothing to do"
                    return "done"
                """,
            seeAlso: ["https://docs.python.org/3/library/asyncio-exceptions.html#asyncio.CancelledError"]
        )
    }

    package func findings(in timeline: Timeline) -> [Finding] {
        timeline.observations(.exitEscaped).compactMap { observation in
            guard let site = observation.event.site else { return nil }
            return timeline.finding(
                of: self,
                severity: severity,
                ordinal: timeline.ordinal(of: observation.moment),
                site: site.line,
                related: [
                    observation.moment.related(as: .raised),
                    site.library.map {
                        RelatedSite(role: .via, ordinal: observation.moment.invocation, line: $0)
                    },
                ],
                message: [observation.sentence],
                advice: [observation.advice]
            )
        }
    }
}

extension Observation {
    private var error: String { event.detail ?? "An exception" }

    fileprivate var sentence: String {
        let source = event.phase == .initialization ? "the handler's module" : "the handler"
        return
            "\(error), raised\(moment.place)\(moment.when), came out of \(source) and ended the process: on AWS Lambda the "
            + "caller gets \"Runtime exited\" instead of an answer, and the next start is cold."
    }

    fileprivate var advice: String {
        switch event.detail {
        case "SystemExit":
            "Return a result, or raise an Exception to report a failure, instead of calling sys.exit()\(moment.place)."
        case "CancelledError":
            "Catch asyncio.CancelledError where the cancelled task is awaited, and return, or raise an Exception of "
                + "your own."
        default:
            "Let nothing but an Exception out of the handler: catch \(error) in it, and return or raise an Exception."
        }
    }
}
