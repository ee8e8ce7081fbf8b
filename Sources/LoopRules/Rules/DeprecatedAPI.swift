package import LoopModel

/// A line of the user's uses what asyncio deprecates, or has taken out in a Python version ahead.
///
/// An error where the Python at hand lacks it, because it is gone or not there yet, and the line has failed. Else
/// information; a warning where a Python that is released and newer than the one at hand no longer has it. One finding
/// for each line, name and invocation. What a library uses is its maintainers' concern.
package struct DeprecatedAPI: DetectionRule {
    package let id = "deprecated-api"
    package let code = "LW701"
    package let title = "What another Python version deprecates or lacks is used"
    package let severity = Severity.info
    package let summary = "The line works on one Python version, and warns or fails on another."
    package let wakingKinds: EventKinds = [.deprecatedApi]

    package init() {}

    package var explanation: RuleExplanation {
        RuleExplanation(
            cause: """
                asyncio gives up what its early years needed: the loop parameters (removed in Python 3.10), \
                @asyncio.coroutine (3.11), child watchers (3.14), event loop policies and \
                asyncio.iscoroutinefunction() (deprecated in 3.14, to be removed in 3.16). get_event_loop() makes a \
                loop unasked up to Python 3.13 and raises RuntimeError from 3.14 on. Serverless hosts retire old \
                Pythons; the line is told before that day.
                """,
            whyOnlyWarm: """
                It is the same cold and warm. Most deprecation warnings are never seen: Python hides them outside of \
                __main__, and many changes come without one.
                """,
            broken: """
                import asyncio


                async def work():
                    return "done"


                def handler(event, context):
                    if asyncio.iscoroutinefunction(work):
                        return asyncio.run(work())
                    return work()
                """,
            fixed: """
                import asyncio
                import inspect


                async def work():
                    return "done"


                def handler(event, context):
                    if inspect.iscoroutinefunction(work):
                        return asyncio.run(work())
                    return work()
                """,
            seeAlso: ["https://docs.python.org/3/whatsnew/3.14.html#asyncio"]
        )
    }

    package func findings(in timeline: Timeline) -> [Finding] {
        let running = PythonMinor(timeline.environment.pythonVersion)
        var told: [(line: CodeLine, name: String)] = []
        return timeline.observations(.deprecatedApi).compactMap { observation in
            let moment = observation.moment
            if observation.event.flags.contains(.isLacking) { return lacking(observation, in: timeline, running) }
            guard let line = moment.userLine, let name = observation.event.detail,
                let entry = DeprecatedName.named(name), !told.contains(where: { $0.line == line && $0.name == name })
            else { return nil }
            told.append((line, name))
            let ordinal = timeline.ordinal(of: moment)
            let isGone = !entry.isMild && entry.removed <= PythonMinor.released && running < entry.removed
            return timeline.finding(
                of: self,
                severity: isGone ? .warning : severity,
                ordinal: ordinal,
                site: line,
                related: [moment.related(as: .used)],
                message: ["Line \(line.short) uses \(entry.title)\(moment.when).", entry.fate, running.said],
                advice: [entry.advice]
            )
        }
    }
}

extension DeprecatedAPI {
    /// About a line that failed because the running Python lacks what it uses.
    private func lacking(_ observation: Observation, in timeline: Timeline, _ running: PythonMinor) -> Finding? {
        let moment = observation.moment
        guard let line = moment.userLine, let name = observation.event.detail else { return nil }
        let told: (title: String, fate: String, advice: String)
        if let gone = DeprecatedName.named(name), running >= gone.removed {
            told = (gone.title, "It is gone from Python 3.\(gone.removed.minor) on.", gone.advice)
        } else if let new = NewName.named(name), running < new.since {
            told = (new.title, "It is there from Python 3.\(new.since.minor) on.", new.advice)
        } else {
            return nil
        }
        return timeline.finding(
            of: self,
            severity: .error,
            ordinal: timeline.ordinal(of: moment),
            site: line,
            related: [moment.related(as: .used)],
            message: [
                "Line \(line.short) uses \(told.title)\(moment.when), which Python 3.\(running.minor) does not have.",
                told.fate,
            ],
            advice: [told.advice]
        )
    }
}

/// What only newer Pythons have, and what older ones use in its place.
private struct NewName {
    let name: String
    let title: String
    let since: PythonMinor
    let advice: String

    static func named(_ name: String) -> NewName? { table.first { $0.name == name } }

    private static let timeouts =
        "On older versions use asyncio.wait_for(...), or async with async_timeout.timeout(...) from the package async-timeout."
    private static let table = [
        NewName(
            name: "to_thread",
            title: "asyncio.to_thread()",
            since: PythonMinor(minor: 9),
            advice: "On older versions: await asyncio.get_running_loop().run_in_executor(None, function)."
        ),
        NewName(
            name: "TaskGroup",
            title: "asyncio.TaskGroup",
            since: PythonMinor(minor: 11),
            advice: "On older versions use asyncio.gather(...), or anyio's create_task_group()."
        ),
        NewName(name: "timeout", title: "asyncio.timeout()", since: PythonMinor(minor: 11), advice: timeouts),
        NewName(name: "timeout_at", title: "asyncio.timeout_at()", since: PythonMinor(minor: 11), advice: timeouts),
        NewName(
            name: "Runner",
            title: "asyncio.Runner",
            since: PythonMinor(minor: 11),
            advice: "On older versions use asyncio.run(...), or a loop of your own that is kept and never closed."
        ),
        NewName(
            name: "Barrier",
            title: "asyncio.Barrier",
            since: PythonMinor(minor: 11),
            advice: "On older versions use asyncio.Condition or asyncio.gather(...)."
        ),
        NewName(
            name: "eager_task_factory",
            title: "asyncio.eager_task_factory",
            since: PythonMinor(minor: 12),
            advice: "Leave it out on older versions: tasks then begin at the next turn of the loop."
        ),
        NewName(
            name: "loop_factory=",
            title: "asyncio.run(loop_factory=...)",
            since: PythonMinor(minor: 12),
            advice: "On Python 3.11 use asyncio.Runner(loop_factory=...); before that uvloop.run(...) or a policy."
        ),
        NewName(
            name: "QueueShutDown",
            title: "asyncio.QueueShutDown",
            since: PythonMinor(minor: 13),
            advice: "On older versions put a value into the queue that means its end."
        ),
    ]
}

/// A 3.x version of Python.
private struct PythonMinor: Comparable {
    let minor: Int

    /// The newest that is released.
    static let released = PythonMinor(minor: 14)

    init(minor: Int) { self.minor = minor }

    /// Of `3.11.7`; what is not known is taken for the newest.
    init(_ version: String) {
        let parts = version.split(separator: ".")
        minor = parts.count > 1 ? Int(parts[1]) ?? Self.released.minor : Self.released.minor
    }

    var said: String { "This environment runs Python 3.\(minor)." }

    static func < (left: Self, right: Self) -> Bool { left.minor < right.minor }
}

/// What is deprecated, and what takes its place.
private struct DeprecatedName {
    let name: String
    let title: String
    let deprecated: Int
    let removed: PythonMinor
    let advice: String
    /// It only behaves in another way from then on.
    var isMild = false

    var fate: String {
        isMild
            ? "Where there is no current event loop it raises RuntimeError from Python 3.\(removed.minor) on, instead of "
                + "making one."
            : "It is deprecated since Python 3.\(deprecated) and gone from Python 3.\(removed.minor) on."
    }

    static func named(_ name: String) -> DeprecatedName? { table.first { $0.name == name } }

    private static let policies =
        "Give asyncio.run() or asyncio.Runner a loop_factory (Python 3.12), or call uvloop.run() for uvloop."
    private static let watchers =
        "Take it out: from Python 3.8 on subprocesses work on every loop and in every thread without it."
    private static let table = [
        DeprecatedName(
            name: "get_event_loop",
            title: "asyncio.get_event_loop() to have a loop made",
            deprecated: 12,
            removed: PythonMinor(minor: 14),
            advice: "Use asyncio.run(...) or an asyncio.Runner; inside of coroutines asyncio.get_running_loop().",
            isMild: true
        ),
        DeprecatedName(
            name: "iscoroutinefunction",
            title: "asyncio.iscoroutinefunction()",
            deprecated: 14,
            removed: PythonMinor(minor: 16),
            advice: "Use inspect.iscoroutinefunction()."
        ),
        DeprecatedName(
            name: "get_event_loop_policy",
            title: "asyncio.get_event_loop_policy()",
            deprecated: 14,
            removed: PythonMinor(minor: 16),
            advice: policies
        ),
        DeprecatedName(
            name: "set_event_loop_policy",
            title: "asyncio.set_event_loop_policy()",
            deprecated: 14,
            removed: PythonMinor(minor: 16),
            advice: policies
        ),
        DeprecatedName(
            name: "get_child_watcher",
            title: "asyncio.get_child_watcher()",
            deprecated: 12,
            removed: PythonMinor(minor: 14),
            advice: watchers
        ),
        DeprecatedName(
            name: "set_child_watcher",
            title: "asyncio.set_child_watcher()",
            deprecated: 12,
            removed: PythonMinor(minor: 14),
            advice: watchers
        ),
        DeprecatedName(
            name: "coroutine",
            title: "the decorator @asyncio.coroutine",
            deprecated: 8,
            removed: PythonMinor(minor: 11),
            advice: "Write async def, and await instead of yield from."
        ),
        DeprecatedName(
            name: "loop=",
            title: "a loop parameter of asyncio",
            deprecated: 8,
            removed: PythonMinor(minor: 10),
            advice: "Leave the loop out: what is made inside of a coroutine belongs to the loop that runs it."
        ),
        DeprecatedName(
            name: "Task.all_tasks",
            title: "asyncio.Task.all_tasks()",
            deprecated: 7,
            removed: PythonMinor(minor: 9),
            advice: "Use asyncio.all_tasks()."
        ),
        DeprecatedName(
            name: "Task.current_task",
            title: "asyncio.Task.current_task()",
            deprecated: 7,
            removed: PythonMinor(minor: 9),
            advice: "Use asyncio.current_task()."
        ),
        DeprecatedName(
            name: "wait",
            title: "asyncio.wait() with coroutines",
            deprecated: 8,
            removed: PythonMinor(minor: 11),
            advice: "Give it tasks: asyncio.create_task(...) around each coroutine; or use asyncio.gather()."
        ),
    ]
}
