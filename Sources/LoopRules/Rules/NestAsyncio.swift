package import LoopModel

/// nest_asyncio or nest_asyncio2 replaces parts of asyncio.
///
/// Information where it is applied; an error where it refuses uvloop's loops, and where asyncio.run(loop_factory=...)
/// fails since it was applied. One finding for each line and invocation; what is run inside a running loop by its
/// grace is told by ``NestedRun``.
package struct NestAsyncio: DetectionRule {
    package let id = "nest-asyncio"
    package let code = "LW702"
    package let title = "nest_asyncio replaces parts of asyncio"
    package let severity = Severity.info
    package let summary =
        "nest_asyncio makes event loops reentrant: every task gets slower, and uvloop and newer Pythons refuse it."
    package let wakingKinds: EventKinds = [.nestAsyncio]

    package init() {}

    package var explanation: RuleExplanation {
        RuleExplanation(
            cause: """
                nest_asyncio.apply() replaces asyncio's tasks and futures by slower ones in Python, asyncio.run() by a \
                function that takes no loop_factory and never closes its loop, and methods of the loop's class, for \
                the whole process. It cannot patch uvloop's loops and raises ValueError for them. Its author no \
                longer maintains it, and it does not work with Python 3.14; nest_asyncio2 does.
                """,
            whyOnlyWarm: """
                It is applied once, mostly at import, and stays. A library that applies it changes every invocation \
                that the environment serves from then on.
                """,
            broken: """
                import asyncio


                def allow_nesting():
                    import nest_asyncio

                    nest_asyncio.apply()


                async def lookup():
                    return "found"


                async def work():
                    allow_nesting()
                    return asyncio.run(lookup())


                def handler(event, context):
                    return asyncio.run(work())
                """,
            fixed: """
                import asyncio


                async def lookup():
                    return "found"


                async def work():
                    return await lookup()


                def handler(event, context):
                    return asyncio.run(work())
                """,
            seeAlso: ["nested-run", "https://github.com/erdewit/nest_asyncio"]
        )
    }

    package func findings(in timeline: Timeline) -> [Finding] {
        var told: Set<Occasion> = []
        return timeline.observations(.nestAsyncio).compactMap { observation in
            let moment = observation.moment
            guard let site = moment.site else { return nil }
            let ordinal = timeline.ordinal(of: moment)
            guard told.insert(Occasion(moment, line: site.line)).inserted else { return nil }
            let patch = Patch(name: observation.event.detail ?? "nest_asyncio", flags: observation.event.flags)
            return timeline.finding(
                of: self,
                severity: patch.isHarmless ? severity : .error,
                ordinal: ordinal,
                site: site.line,
                related: [
                    moment.related(as: .used),
                    site.library.map { RelatedSite(role: .via, ordinal: moment.invocation, line: $0) },
                ],
                message: [
                    patch.sentence(at: moment), patch.consequence,
                    patch.isHarmless || moment.phase != .invocation ? nil : timeline.unharmed(ordinal),
                ],
                advice: [
                    "Await coroutines instead of running them inside a running loop, and take \(patch.name) out; from "
                        + "code that must stay a def, hand them to a thread that has a loop of its own.",
                    patch.isHarmless && patch.name == "nest_asyncio"
                        ? "Until then nest_asyncio2 is its maintained successor." : nil,
                ]
            )
        }
    }
}

/// What nest_asyncio did, or did not.
private struct Patch {
    let name: String
    let flags: LoopEvent.Flags

    var isHarmless: Bool { flags.isDisjoint(with: [.wasRefused, .hasNoFactory]) }

    func sentence(at moment: Moment) -> String {
        let when = moment.ordinal == nil ? moment.when : " in \(moment.ordinal.map { named($0) } ?? "")"
        if flags.contains(.hasNoFactory) {
            return
                "A loop_factory was given to asyncio.run()\(moment.place)\(when), and \(name) has put one in its place "
                + "that takes none."
        }
        if flags.contains(.wasRefused) {
            return "A call of \(name).apply()\(moment.place)\(when) raised ValueError: it cannot patch uvloop's loops."
        }
        return "A call of \(name).apply()\(moment.place)\(when) made event loops reentrant, for the whole process."
    }

    var consequence: String {
        if flags.contains(.hasNoFactory) { return "The call raised TypeError, and its coroutine did not run." }
        if flags.contains(.wasRefused) {
            return "By then it had already replaced asyncio's tasks, futures and asyncio.run()."
        }
        return "Every task is slower from then on, asyncio.run() takes no loop_factory and leaves its loop open"
            + (name == "nest_asyncio" ? ", and with Python 3.14 it does not work." : ".")
    }
}
