package import LoopModel

/// A loop is made when the module is imported, and outlives every invocation.
///
/// Said once for each loop while it is open (a warning) and once more when an invocation has closed it (an error: no
/// import will ever make another). Its site is the line that created the loop.
///
/// Not meant: loops closed while the module was imported (`asyncio.run` there is fine), a Runner's, the host's, loops
/// that run in a service thread, loops that were never run nor made current, and what an installed library made for
/// itself, as long as nobody closes it.
package struct ModuleScopeLoop: DetectionRule {
    package let id = "module-scope-loop"
    package let code = "LW204"
    package let title = "An event loop is made at import and shared by all invocations"
    package let severity = Severity.warning
    package let summary =
        "A loop made when the module is imported is made once for an environment, and all its invocations share it."
    package let wakingKinds: EventKinds = [.created, .slotSet, .runBegun, .runEnded, .closed, .finalized]

    package init() {}

    package var explanation: RuleExplanation {
        RuleExplanation(
            cause: """
                Module-level code runs once, when the environment starts. A loop that it makes is the same one in every \
                invocation: the first that closes it, or has it closed by a library, takes it from all that follow. \
                What is bound to it (locks, connections, tasks) carries over from one invocation to the next, and is \
                frozen in between. From Python 3.14 on get_event_loop() makes no loop at import at all, and raises.
                """,
            whyOnlyWarm: """
                The cold invocation comes right after the import and has the loop fresh. Only the next one in the same \
                environment gets a loop that has been used, and perhaps closed.
                """,
            broken: """
                import asyncio

                loop = asyncio.get_event_loop()


                async def work():
                    return "done"


                def handler(event, context):
                    result = loop.run_until_complete(work())
                    loop.close()
                    return result
                """,
            fixed: """
                import asyncio


                async def work():
                    return "done"


                def handler(event, context):
                    return asyncio.run(work())
                """,
            seeAlso: [
                "closed-loop-reuse", "poisoned-slot", "https://docs.python.org/3/library/asyncio-runner.html",
            ]
        )
    }

    package func findings(in timeline: Timeline) -> [Finding] {
        guard let ordinal = timeline.invocation?.ordinal else { return [] }
        var judged: Set<LoopSerial> = []
        return timeline.events.compactMap { event in
            // One that somebody has taken from its owner is told by ForeignClose.
            guard let serial = event.loop, judged.insert(serial).inserted, let state = timeline.after.loops[serial],
                state.robbedOwner == nil, let now = Self.level(of: state),
                now != timeline.before.loops[serial].flatMap(Self.level)
            else { return nil }
            return finding(about: state, level: now, ordinal: ordinal, in: timeline)
        }
    }

    /// How bad a loop is; nil: not at all.
    private static func level(of state: LoopState) -> Severity? {
        guard isMadeAtImport(state), !state.isHosts, !state.isRunners, !isInServiceThread(state),
            let site = state.created.site, site.isUserCode, state.finalized?.phase != .initialization
        else { return nil }
        switch state.closed?.phase {
        case .invocation where !state.isCollected, .between where !state.isCollected: return .error
        case .initialization, .shutdown: return nil
        default:
            let isRelevant = state.firstRan != nil || state.slotSet?.thread == state.created.thread
            return isRelevant && site.library == nil ? .warning : nil
        }
    }

    private static func isMadeAtImport(_ state: LoopState) -> Bool {
        guard state.created.thread == 1 else { return false }
        // A module that a handler imports late is imported once, too.
        return state.created.phase == .initialization || state.created.isAtImport
    }

    private static func isInServiceThread(_ state: LoopState) -> Bool {
        [state.firstRan, state.lastRan].contains { $0.map { $0.thread != state.created.thread } ?? false }
    }

    private func finding(about state: LoopState, level: Severity, ordinal: Int, in timeline: Timeline) -> Finding? {
        guard let line = state.created.site?.line else { return nil }
        // Where it was set by the call that made it, that is no story of its own.
        let set = state.slotSet.flatMap { $0.site == state.created.site ? nil : $0 }
        return timeline.finding(
            of: self,
            severity: level,
            ordinal: ordinal,
            site: line,
            related: [
                state.created.related(as: .created), set?.related(as: .set), state.firstRan?.related(as: .ran),
                level == .error ? state.closed?.related(as: .closed) : nil,
            ],
            message: [
                message(about: state, level: level),
                level == .error ? timeline.unharmed(state.closed?.ordinal) : nil,
            ],
            advice: [
                "Create the loop inside the handler, with asyncio.run(...), rather than\(state.created.place).",
                level == .error
                    ? state.closed.map {
                        "If one loop shall serve the whole environment, never close it: take out the close\($0.place)."
                    }
                    : "If one loop shall serve the whole environment, keep an asyncio.Runner, made at its first use.",
            ]
        )
    }

    private func message(about state: LoopState, level: Severity) -> String {
        let birth =
            state.isImplicit
            ? "get_event_loop() created \(state.serial)\(state.created.place)\(state.created.when)"
            : "\(state.serial.description.sentence) was created\(state.created.place)\(state.created.when)"
        if level == .error, let closed = state.closed {
            return "\(birth), and was closed\(closed.place)\(closed.when). The module is imported only once in an "
                + "environment, so every warm start will meet it closed."
        }
        if state.isCollected {
            return "\(birth), and lost without being closed. On hosts that keep the current loop, such as AWS Lambda, "
                + "all invocations share it."
        }
        let runs = state.firstRan.map { " It ran\($0.place)\($0.when)." } ?? ""
        return "\(birth), and is still open.\(runs) All invocations of the environment share it: the first that closes "
            + "it takes it from every later one, and what is bound to it outlives the answer."
    }
}
