import LoopModel

// How the rules about tasks name them, so that all of them sound alike.

extension RelatedSite.Role {
    /// Where a coroutine's function is defined.
    static let defined = Self(rawValue: "defined")
    /// Where a task waits.
    static let waits = Self(rawValue: "waits")
    /// Where an exception was raised.
    static let raised = Self(rawValue: "raised")
    /// Where a coroutine was called.
    static let called = Self(rawValue: "called")
}

extension Observation {
    /// Whether it was seen while the process ended, when nothing is awaited any more.
    var isAtShutdown: Bool { event.phase == .shutdown }

    /// `save()`.
    var call: String { (event.detail ?? "a coroutine function") + "()" }

    /// `the task of save()`.
    var task: String { "the task of \(call)" }

    /// Where the function of the task's coroutine is defined.
    var definition: CodeLine? { line(.defined)?.line }

    /// What is to be changed: the line that made the task, where that is known (the probe's deep mode), else the line at
    /// which it waits.
    var culprit: CodeLine? { line(.created)?.line ?? event.site?.line }

    /// ` made at handler.py:12`; nothing where that is not known.
    var making: String { line(.created).map { ", made at \($0.line.short)," } ?? "" }

    /// The lines of every story about a task.
    var taskLines: [RelatedSite?] { [line(.created), moment.related(as: .waits), line(.defined)] }
}

extension Timeline {
    /// The observations of some kinds, one for each culprit and invocation; none from the process's end.
    func taskObservations(
        _ kinds: LoopEvent.Kind...,
        where isMeant: (Observation) -> Bool = { _ in true }
    ) -> [Observation] {
        var told: Set<CulpritInInvocation> = []
        return kinds.flatMap { observations($0) }
            .sorted { $0.event.sequence < $1.event.sequence }
            .filter { observation in
                guard !observation.isAtShutdown, isMeant(observation), let line = observation.culprit else {
                    return false
                }
                return told.insert(CulpritInInvocation(ordinal: ordinal(of: observation.moment), line: line)).inserted
            }
    }

    /// Where the functions are defined whose tasks were told to cancel and went on: told by ``SwallowedCancel``.
    var deafTasks: Set<CodeLine> { Set(observations(.cancelSwallowed).compactMap(\.definition)) }
}

private struct CulpritInInvocation: Hashable {
    let ordinal: Int?
    let line: CodeLine
}
