package import LoopModel

/// A loop is used after it was closed, in the same invocation or a later one.
///
/// One finding for each loop, invocation and using line. Its site is the using line as long as that is the user's
/// own; where a library's thread or a finalizer did it, the user's line that closed or created the loop. All three are
/// always among the related lines, as far as they are known.
///
/// A library that hands work to a loop of another thread can only find out by trying whether the loop still lives, and
/// has another way when it does not. So its `call_soon_threadsafe` is no fault where the invocation succeeded, nor
/// where the library is known for it.
package struct ClosedLoopReuse: DetectionRule {
    /// Libraries that are known to try: asgiref remembers the loop that last ran in a thread of its own, tries it for
    /// the next `async_to_sync`, and makes a new one (asgiref 3.13, `AsyncToSync.__call__`).
    private static let triers: Set<String> = ["asgiref"]

    package let id = "closed-loop-reuse"
    package let code = "LW201"
    package let title = "An event loop is used after it was closed"
    package let severity = Severity.error
    package let summary = "A closed event loop cannot run anything again, and every call on it raises."
    package let wakingKinds: EventKinds = [.usedAfterClose]

    package init() {}

    package var explanation: RuleExplanation {
        RuleExplanation(
            cause: """
                An event loop that was closed stays closed. Whatever still refers to it, be it a module-level variable, \
                the thread's current-loop slot, or a client, connection, lock or task that was made on it, raises \
                RuntimeError: Event loop is closed at its next use, or fails in its own words when it catches that.
                """,
            whyOnlyWarm: """
                The cold invocation has the loop while it is open, and closes it when it is done. The environment is \
                kept, and the module is not imported again: the next invocation meets what the first one left. Retries \
                and broad excepts often hide it, at the price of a failed attempt in every warm request.
                """,
            broken: """
                import asyncio

                loop = asyncio.new_event_loop()


                async def work():
                    return "done"


                def handler(event, context):
                    try:
                        return loop.run_until_complete(work())
                    finally:
                        loop.close()
                """,
            fixed: """
                import asyncio


                async def work():
                    return "done"


                def handler(event, context):
                    return asyncio.run(work())
                """,
            seeAlso: [
                "module-scope-loop", "poisoned-slot",
                "https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.close",
            ]
        )
    }

    package func findings(in timeline: Timeline) -> [Finding] {
        var uses: [Use] = []
        timeline.visit(.usedAfterClose) { event, ledger in
            guard let serial = event.loop else { return }
            let moment = Moment(event, following: ledger.latestOrdinal)
            let same = uses.firstIndex {
                $0.serial == serial && $0.moment.invocation == moment.invocation && $0.moment.phase == moment.phase
                    && $0.moment.site?.line == moment.site?.line
            }
            if let same {
                uses[same].add(event)
            } else {
                uses.append(Use(event, serial: serial, moment: moment, state: ledger.loops[serial]))
            }
        }
        return uses.compactMap { finding(about: $0, in: timeline) }
    }

    /// Whether a library only found out that the loop is closed.
    private func isTrial(_ use: Use, in timeline: Timeline) -> Bool {
        guard use.methods == ["call_soon_threadsafe()"], use.moment.userLine != nil, let library = use.library else {
            return false
        }
        return Self.triers.contains(library.packageName)
            || timeline.invocation.map { $0.outcome == .ok && $0.ordinal == use.moment.ordinal } ?? false
    }

    private func finding(about use: Use, in timeline: Timeline) -> Finding? {
        guard let site = use.culprit, !isTrial(use, in: timeline) else { return nil }
        let ordinal = timeline.ordinal(of: use.moment)
        let state = use.state
        return timeline.finding(
            of: self,
            severity: severity,
            ordinal: ordinal,
            site: site,
            related: [
                state?.created.related(as: .created),
                state?.closed?.related(as: .closed),
                use.moment.related(as: .used),
                use.library.map { RelatedSite(role: .via, ordinal: use.moment.invocation, line: $0) },
            ],
            message: [
                "\(use.sentence), but \(use.closing).",
                use.origin.map { "\($0)." },
                use.moment.phase == .invocation ? timeline.unharmed(ordinal) : nil,
            ],
            advice: [use.advice]
        )
    }
}

/// The uses of one closed loop by one line in one invocation.
private struct Use {
    let serial: LoopSerial
    let moment: Moment
    let threadName: String?
    /// nil when the loop was closed so long ago that it is forgotten.
    let state: LoopState?
    /// Whether it was a transport that was used, rather than the loop itself.
    let isThroughTransport: Bool
    private(set) var methods: [String] = []
    private(set) var count = 0

    init(_ event: LoopEvent, serial: LoopSerial, moment: Moment, state: LoopState?) {
        self.serial = serial
        self.moment = moment
        self.state = state
        isThroughTransport = event.flags.contains(.throughTransport)
        threadName = event.thread == 1 ? nil : event.threadName ?? "number \(event.thread)"
        add(event)
    }

    mutating func add(_ event: LoopEvent) {
        count += 1
        if let method = event.detail, !methods.contains("\(method)()") { methods.append("\(method)()") }
    }

    /// The installed library that made the call.
    var library: CodeLine? { moment.site?.library }

    /// The finalizer that made the call, whatever line the garbage collector interrupted.
    private var finalizer: CodeLine? {
        guard let site = moment.site else { return nil }
        return [site.via, site.isUserCode ? nil : site.line].compactMap(\.self).first(where: \.isFinalizer)
    }

    /// The line to change.
    var culprit: CodeLine? {
        let using = finalizer == nil ? moment.userLine : nil
        return using ?? state?.closed?.userLine ?? state?.created.userLine ?? moment.site?.line
            ?? state?.closed?.site?.line ?? state?.created.site?.line
    }

    // MARK: The story

    /// Who used it, how and where.
    var sentence: String {
        let called =
            isThroughTransport
            ? "used a transport of" : methods.isEmpty ? "used" : "called \(enumerated(methods)) on"
        let times = count > max(methods.count, 1) ? " \(count) times" : ""
        let thread = threadName.map { " in thread \($0)" } ?? ""
        if let finalizer {
            return
                "A finalizer (\(finalizer.short) in \(finalizer.function)) \(called) \(serial)\(times)\(thread)\(moment.when)"
        }
        let place = moment.place
        return "\(moment.actor) \(called) \(serial)\(times)\(place)\(thread)".sentence
    }

    /// Who closed it, where and when.
    var closing: String {
        guard let state, let closed = state.closed else { return "the loop had been closed long before" }
        if state.closedBy.contains(.byHost) {
            let when = closed.invocation.map { " at the end of \(named($0))" } ?? ""
            return "the host had closed the loop\(when): it gives each invocation a fresh one"
        }
        let when =
            closed.phase == .invocation && closed.ordinal == moment.invocation && moment.phase == .invocation
            ? " in the same invocation" : closed.when
        if state.closedBy.contains(.byRunner), state.isRunners {
            return "the loop had been closed\(closed.place)\(when), when the run that it was made for was over"
        }
        return "the loop was closed\(closed.place)\(when)"
    }

    /// Where the loop came from; nil where the closing has said so already.
    var origin: String? {
        guard let state, !state.isHosts else { return nil }
        let dooms = isMadeOnce(state) && state.closed?.phase == .invocation
        return state.birth + (dooms ? ", so every warm start meets the closed loop" : "")
    }

    /// Whether the environment has only this one.
    private func isMadeOnce(_ state: LoopState) -> Bool {
        state.created.phase == .initialization || state.created.isAtImport
    }

    // MARK: The change

    var advice: String {
        let within = "Make it inside the handler, on the loop that runs it, and close it before that loop is closed."
        let place = moment.userLine.map { " at \($0.short)" } ?? ""
        if finalizer != nil || moment.userLine?.isFinalizer == true {
            return "An object that belongs to the loop was left to the garbage collector. Close it yourself, as with "
                + "\"async with\" or \"await client.aclose()\", before the loop is closed."
        }
        if let state, state.closedBy.contains(.byHost) || state.isRunners {
            let owner =
                library.map { "A client or connection (in the end one of \($0.packageName))" }
                ?? "An object (a client, connection, lock or task)"
            return "\(owner) that was made on the closed loop is kept and used again\(place). \(within)"
        }
        guard let state, let closed = state.closed else {
            return "Create the loop where it is used, with asyncio.run(...)."
        }
        if closed.phase == .invocation, closed.ordinal == moment.invocation, moment.phase == .invocation {
            return moment.userLine == nil || threadName != nil
                ? "Wait for the work of other threads before the loop is closed\(closed.place): await it, or let "
                    + "asyncio.run(...) make and close the loop."
                : "Use the loop before it is closed\(closed.place), or let asyncio.run(...) make and close it."
        }
        if moment.phase == .between {
            return "Something goes on after the answer. Await it, or stop it, before the loop is closed\(closed.place)."
        }
        if let library {
            return
                "\(library.packageName) holds on to the closed loop. Make its object inside the handler, on the loop "
                + "that runs it, or do not close the loop\(closed.place)."
        }
        if state.isHosts {
            return
                "Take out the close\(closed.place): the loop is the host's, which uses it again. For a loop of your own "
                + "use asyncio.run(...)."
        }
        let made =
            isMadeOnce(state)
            ? "Create the loop inside the handler, with asyncio.run(...), rather than\(state.created.place)"
            : "Give each invocation a loop of its own with asyncio.run(...)"
        return
            "\(made), and take out the close\(closed.place). To keep one loop for the environment's life, never close it."
    }
}
