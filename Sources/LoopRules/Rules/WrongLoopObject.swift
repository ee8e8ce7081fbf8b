package import LoopModel

/// Something that belongs to one loop is used on another.
///
/// One finding for each using line and invocation. Its site is the using line, where the error is raised; the line that
/// made the object, and the one that bound it to its loop, are among the related lines as far as they are known.
///
/// Only what failed, or waits for ever, is told: a lock that nobody holds may be taken on any loop.
package struct WrongLoopObject: DetectionRule {
    package let id = "wrong-loop-object"
    package let code = "LW301"
    package let title = "An object of one event loop is used on another"
    package let severity = Severity.error
    package let summary =
        "A lock, queue, future, task, stream or client that belongs to one event loop cannot be awaited on another."
    package let wakingKinds: EventKinds = [.wrongLoop]

    package init() {}

    package var explanation: RuleExplanation {
        RuleExplanation(
            cause: """
                A future belongs to the event loop that it was made on, and so does all that waits by means of one: \
                tasks, locks, events, queues, streams, and the clients that keep them. Awaited on another loop, it \
                raises RuntimeError "... attached to a different loop" or "... is bound to a different event loop". \
                From Python 3.10 on a lock or queue belongs to the loop on which somebody first had to wait for it; \
                before, to the loop that was current when it was made.
                """,
            whyOnlyWarm: """
                The object is made once, at import or by the first invocation, and becomes the first loop's. The next \
                invocation has another loop. Even then it works as long as nobody has to wait, so that it fails under \
                load and not in a test.
                """,
            broken: """
                import asyncio

                jobs = asyncio.Queue()


                async def work():
                    asyncio.get_running_loop().call_later(0.01, jobs.put_nowait, "done")
                    return await jobs.get()


                def handler(event, context):
                    return asyncio.run(work())
                """,
            fixed: """
                import asyncio


                async def work():
                    jobs = asyncio.Queue()
                    asyncio.get_running_loop().call_later(0.01, jobs.put_nowait, "done")
                    return await jobs.get()


                def handler(event, context):
                    return asyncio.run(work())
                """,
            seeAlso: [
                "closed-loop-reuse", "module-scope-loop",
                "https://docs.python.org/3/library/asyncio-sync.html",
            ]
        )
    }

    package func findings(in timeline: Timeline) -> [Finding] {
        var told: Set<Occasion> = []
        return timeline.observations(.wrongLoop).compactMap { observation in
            guard let use = ForeignUse(observation), told.insert(use.place).inserted, !use.isOfClosed(in: timeline)
            else {
                return nil
            }
            return finding(about: use, in: timeline)
        }
    }

    private func finding(about use: ForeignUse, in timeline: Timeline) -> Finding {
        let ordinal = timeline.ordinal(of: use.moment)
        return timeline.finding(
            of: self,
            severity: severity,
            ordinal: ordinal,
            site: use.place.line,
            related: [
                use.made, use.bound, use.task, use.moment.related(as: .used),
                use.library.map { RelatedSite(role: .via, ordinal: use.moment.invocation, line: $0) },
            ],
            message: [
                use.sentence, use.origin, use.ownersLife,
                use.moment.phase == .invocation ? timeline.unharmed(ordinal) : nil,
            ],
            advice: [use.advice]
        )
    }
}

/// One use of an object on a loop that is not its own.
private struct ForeignUse {
    let observation: Observation
    let moment: Moment
    let place: Occasion
    /// The loop that it was used on.
    let user: LoopSerial
    /// The loop that it belongs to.
    let owner: LoopSerial

    /// nil where no line is known that could be changed.
    init?(_ observation: Observation) {
        let moment = observation.moment
        let lines = [moment.userLine, observation.line(.created)?.line, moment.site?.line]
        guard let user = observation.event.loop, let owner = UInt32(exactly: observation.event.value),
            let line = lines.compactMap(\.self).first
        else { return nil }
        self.observation = observation
        self.moment = moment
        self.user = user
        self.owner = LoopSerial(rawValue: owner)
        place = Occasion(moment, line: line)
    }

    /// Whether the same line ran into its loop's being closed: then ``ClosedLoopReuse`` tells it.
    func isOfClosed(in timeline: Timeline) -> Bool {
        timeline.events.contains { event in
            event.kind == .usedAfterClose && event.loop == owner && event.ordinal == moment.ordinal
                && event.site?.line == place.line
        }
    }

    var made: RelatedSite? { observation.line(.created) }
    var bound: RelatedSite? { observation.line(.bound) }
    /// Where the coroutine begins that a task runs.
    var task: RelatedSite? { observation.line(.task) }
    var library: CodeLine? { moment.site?.library }

    private var ownerState: LoopState? { observation.ledger.loops[owner] }
    private var isFuture: Bool { observation.event.flags.contains(.isFuture) }
    private var isClient: Bool { observation.event.flags.contains(.isClient) }

    /// `Lock`, `StreamReader`, `ClientSession`.
    private var type: String {
        String(observation.event.detail?.split(separator: ".").last ?? "object")
    }

    /// `a Lock`, `an Event`, `a ClientSession of aiohttp`.
    private var thing: String {
        let article = type.first.map { "AEIOU".contains($0) } == true ? "an" : "a"
        guard let library, !isFuture else { return "\(article) \(type)" }
        return "\(article) \(type) of \(library.packageName)"
    }

    // MARK: The story

    /// What was used where.
    var sentence: String {

        "\(moment.actor) \(isFuture ? "awaited" : "used") \(thing)\(moment.place) on \(user), but it belongs to \(owner)."
            .sentence
    }

    /// Where the object came from; nil where that is not known.
    var origin: String? {
        let begin = task.map { "The task runs \($0.line.function) of \($0.line.short)." }
        guard let made else {
            return bound.map { "It became that loop's\(place(of: $0)), where it first had to wait." } ?? begin
        }
        guard let bound else { return "It was made\(place(of: made))." }
        return "It was made\(place(of: made)), and became that loop's\(place(of: bound)), where it first had to wait."
    }

    /// Who made the loop that the object belongs to, and what became of it.
    var ownersLife: String? {
        guard let state = ownerState else { return nil }
        let birth = state.birth(of: "\(owner)")
        guard let closed = state.closed else { return "\(birth)." }
        if state.closedBy.contains(.byHost) { return "\(birth), and closed it at that invocation's end." }
        if state.closedBy.contains(.byRunner), state.isRunners {
            return "\(birth), and closed it when that run was over."
        }
        return "\(birth); it was closed\(closed.place)\(closed.when)."
    }

    private func place(of related: RelatedSite) -> String {
        let when =
            related.line.function == "<module>"
            ? " while the module was imported"
            : related.ordinal.map { " in \(named($0))" } ?? " while the handler was loaded"
        return " at \(related.line.short)\(when)"
    }

    // MARK: The change

    var advice: String {
        let keep = "or keep one loop for the environment's life, as with one asyncio.Runner"
        if let state = ownerState, state.isRunning, state.lastRan?.thread != moment.thread {
            return "\("\(owner)".sentence) runs in another thread: give the whole coroutine to it with "
                + "asyncio.run_coroutine_threadsafe(...), and await asyncio.wrap_future(...) of what that returns."
        }
        if isFuture {
            return "Await it on the loop that it was made on, before that run is over, or make it anew in the run that "
                + "awaits it; \(keep)."
        }
        let instead = made.map { ", rather than at \($0.line.short)" } ?? ""
        let place = "inside the handler, on the loop that runs it\(instead), and close it there"
        if let library {
            let what =
                isClient ? "the \(type) of \(library.packageName)" : "what \(library.packageName) keeps the \(type) in"
            return "Make \(what) \(place); \(keep)."
        }
        if type == "StreamReader" || type == "StreamWriter" { return "Open the connection \(place); \(keep)." }
        return "Make the \(type) inside the coroutine that uses it, on the loop that runs it\(instead); \(keep)."
    }
}
