import LoopModel
import LoopRules
import LoopRunner

/// Leads environments of a function through a life, step by step.
///
/// Each environment is a function of its own to the runner, so that it is known which of them an invocation goes to.
struct CheckLife {
    /// As AWS Lambda allows where an extension is registered (facts: lambda §3).
    private static let shutdownTime = Duration.milliseconds(500)

    private let cell: CheckPlan.Cell
    private let schedule: CheckSchedule
    private let events: [CheckEvent]
    /// Of this life alone; its environments' names begin with it.
    private let name: String
    private let runner: EmbeddedRunner
    private let turns: Turns

    private var run: CheckRun
    private var environments: [FunctionName] = []
    private var started = 0
    private var faulted = FaultedInvocations()
    /// What is to seem to pass before the next invocation.
    private var idle = Duration.zero

    init(
        of cell: CheckPlan.Cell,
        _ schedule: CheckSchedule,
        events: [CheckEvent],
        named name: String,
        on runner: EmbeddedRunner,
        _ turns: Turns
    ) {
        self.cell = cell
        self.schedule = schedule
        self.events = events
        self.name = name
        self.runner = runner
        self.turns = turns
        run = CheckRun(in: cell, schedule: schedule.name)
    }

    /// Leads it to its end; the caller has a turn, which is given back for as long as nothing is done.
    ///
    /// - Throws: when the runner takes no invocation.
    mutating func lead() async throws -> CheckRun {
        for step in schedule.steps {
            let before = run.invocations.count
            var wasApplied: Bool?
            switch step.action {
            case .cold:
                // After a reset the next start is cold by itself, and finds the temporary files of the one before.
                if !wasReset {
                    try await end()
                    await begin()
                }
                _ = try await invoke(step)
            case .warm: _ = try await invoke(step)
            case .exception, .cancellation, .timeout: wasApplied = try await invoke(step)
            case .parallel:
                if environments.count < 2 { await begin() }
                try await invokeAtOnce(step)
            case .freeze(let time): try await freeze(for: time)
            case .idle(let time): idle += time
            case .shutdown: await shutDown()
            }
            run.steps.append(CheckRun.Step(step, invocations: before..<run.invocations.count, wasApplied: wasApplied))
            // Who does not wait so often does not wait more often.
            if wasApplied == false, isNamed { break }
            // It costs its whole time limit, and what comes after it is another environment's life.
            if run.invocations.last?.outcome == .timeout, wasApplied != true, isNamed { break }
            // What cannot even be loaded is loaded in vain a second time.
            if let last = run.invocations.last, last.outcome != .ok, last.ordinal == nil { break }
        }
        try await end()
        return run
    }

    /// Whether it is one that every handler is led through; one that was typed is led to its end.
    private var isNamed: Bool { schedule.name != schedule.text }

    /// Whether the only environment there was has just been reset.
    private var wasReset: Bool {
        environments.count == 1 && run.steps.last?.step.action == .timeout
            && run.invocations.last?.outcome == .timeout
    }

    private mutating func begin() async {
        var configuration = cell.configuration
        configuration.alias = cell.usual.alias ?? cell.usual.name
        configuration.name = FunctionName(sanitizing: "\(name)-\(started)")
        configuration.simulatesIdle = schedule.steps.contains { if case .idle = $0.action { true } else { false } }
        started += 1
        await runner.add(configuration)
        environments.append(configuration.name)
    }

    private mutating func end() async throws {
        for environment in environments {
            let (found, ended) = try await runner.remove(environment)
            noteStarts(of: ended)
            run.findings += found.filter { !faulted.explain($0, among: run.invocations) }.map { finding in
                var finding = finding
                finding.function = cell.usual.name
                return finding
            }
        }
        environments = []
    }

    /// One that was not forked is enough to say that what happened did not need that.
    private mutating func noteStarts(of environments: [EnvironmentRecord]) {
        for environment in environments where run.start != .spawn { run.start = environment.start }
    }

    private func event(for step: CheckStep) -> [UInt8] { events[(step.event ?? 1) - 1].bytes }

    /// Invokes each environment, one after the other.
    ///
    /// - Returns: whether what the step does on purpose was done, to one of them at least.
    private mutating func invoke(_ step: CheckStep) async throws -> Bool {
        var wasApplied = false
        for environment in environments {
            let answer = try await runner.invoke(
                environment,
                event: event(for: step),
                isCold: false,
                fault: step.fault,
                idle: idle
            )
            run.invocations.append(answer.record)
            if answer.wasFaultApplied, let fault = step.fault {
                faulted.note(fault.kind, of: answer.record)
                wasApplied = true
            }
        }
        idle = .zero
        return wasApplied
    }

    private mutating func invokeAtOnce(_ step: CheckStep) async throws {
        let (runner, event, idle) = (runner, event(for: step), idle)
        let records = try await withThrowingTaskGroup(of: (Int, InvocationRecord).self) { group in
            for (index, environment) in environments.enumerated() {
                group.addTask {
                    (index, try await runner.invoke(environment, event: event, isCold: false, idle: idle).record)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        run.invocations += records.sorted { $0.0 < $1.0 }.map(\.1)
        self.idle = .zero
    }

    private func freeze(for time: Duration) async throws {
        for environment in environments { await runner.freeze(environment) }
        try await turns.withoutTurn { try await Task.sleep(for: time) }
    }

    private mutating func shutDown() async {
        for environment in environments {
            let ended = await runner.terminate(environment, allowing: Self.shutdownTime)
            noteStarts(of: ended)
            for end in ended {
                guard run.shutdownFailure == nil, let failure = Self.failure(of: end) else { continue }
                run.shutdownFailure = failure
            }
        }
    }

    /// The error that ended an environment when it was asked to end; nil when none did.
    private static func failure(of end: EnvironmentRecord) -> InvocationRecord? {
        guard end.end == "exit status 1",
            let start = end.lastOutput.firstRange(of: "Traceback (most recent call last)"),
            let line = end.lastOutput[start.lowerBound...].split(separator: "\n").last
        else { return nil }
        var record = InvocationRecord(id: .random(), function: end.function, requestedAt: end.startedAt)
        record.environment = end.id
        record.outcome = .crashed
        let words = line.split(separator: ":", maxSplits: 1)
        record.errorType = words.first.map(String.init)
        record.errorMessage = words.count > 1 ? words[1].trimmed : nil
        record.logTail = end.lastOutput
        return record
    }
}

extension Substring {
    /// Without the blanks at its beginning.
    fileprivate var trimmed: String { String(drop { $0 == " " }) }
}
