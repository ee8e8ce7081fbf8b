import LoopModel
import LoopOS
import LoopRunner

/// Leads the lives of a check, so many at once.
struct CheckGuide: Sendable {
    private let plan: CheckPlan
    private let runner: EmbeddedRunner
    private let locator: InterpreterLocator
    private let seats: Seats
    private let turns = Turns(ThisProcess.processors)
    private let progress: @Sendable (CheckProgress) -> Void
    private let state = Locked(State())

    private struct State {
        var done = 0
        var count = 0
        var named = 0
        /// Cells whose cold start has failed.
        var fails: Set<Int> = []
        /// What each cell is run on.
        var seats: [Int: Seats.Seat] = [:]
    }

    init(
        _ plan: CheckPlan,
        on runner: EmbeddedRunner,
        _ locator: InterpreterLocator,
        progress: @escaping @Sendable (CheckProgress) -> Void
    ) {
        self.plan = plan
        self.runner = runner
        self.locator = locator
        self.progress = progress
        seats = Seats(plan.packages, locator, for: plan.cells) { [state] step in
            progress(state.withLock { CheckProgress(done: $0.done, count: $0.count, installing: step) })
        }
    }

    /// Why a life was not led whose cell fails already cold.
    static let failsCold = "it fails cold"

    private struct Job {
        var cell: CheckPlan.Cell
        var index: Int
        var schedule: CheckSchedule

        /// The higher, the sooner.
        var rank: Int { schedule.name == CheckSchedule.plain ? .max : schedule.effort * 1000 - cell.index }
    }

    /// Leads every life of the plan: by cell, then by schedule.
    func leadAll() async throws -> [[CheckRun]] {
        let cells = plan.cells
        var obstacles: [Int: SeatFailure] = [:]
        for (index, seat) in try await seats.seats(of: cells) {
            switch seat {
            case .success(let seat): state.withLock { $0.seats[index] = seat }
            case .failure(let failure): obstacles[index] = failure
            }
        }
        var runs = cells.map { cell in plan.schedules.map { notLed($0, in: cell, because: "") } }
        var jobs: [Job] = []
        for cell in cells {
            for (index, schedule) in plan.schedules.enumerated() {
                if let failure = obstacles[cell.index] {
                    (runs[cell.index][index].obstacle, runs[cell.index][index].advice) = ("\(failure)", failure.details)
                } else if let obstacle = schedule.obstacle(for: cell.configuration) {
                    runs[cell.index][index].obstacle = obstacle
                } else {
                    jobs.append(Job(cell: cell, index: index, schedule: schedule))
                }
            }
        }
        state.withLock { [count = jobs.count] in $0.count = count }
        // The plain ones first, as they say whether the others are of any use; then those that take longest.
        jobs.sort { $0.rank > $1.rank }
        try await withThrowingTaskGroup(of: (Job, CheckRun).self) { group in
            for job in jobs {
                // Here, so that they begin in this order.
                await turns.take()
                group.addTask { (job, try await turns.endingTurn { try await ledJob(job) }) }
            }
            for try await (job, run) in group { runs[job.cell.index][job.index] = run }
        }
        return runs
    }

    private func ledJob(_ job: Job) async throws -> CheckRun {
        defer { over() }
        if state.withLock({ $0.fails.contains(job.cell.index) }) {
            return notLed(job.schedule, in: job.cell, because: Self.failsCold)
        }
        let run = try await led(job.schedule, in: job.cell)
        if run.failsCold { state.withLock { _ = $0.fails.insert(job.cell.index) } }
        return run
    }

    /// A run that was not led, though its interpreter may be known.
    private func notLed(_ schedule: CheckSchedule, in cell: CheckPlan.Cell, because reason: String) -> CheckRun {
        var run = CheckRun(not: schedule, in: cell, because: reason)
        state.withLock { $0.seats[cell.index] }?.describe(&run)
        return run
    }

    /// Leads one life, alone if the caller leads no other.
    func leadOne(_ schedule: CheckSchedule, in cell: CheckPlan.Cell) async throws -> CheckRun {
        state.withLock { $0.count += 1 }
        defer { over() }
        return try await turns.withTurn { try await led(schedule, in: cell) }
    }

    /// Leads one life; the caller has a turn.
    private func led(_ schedule: CheckSchedule, in cell: CheckPlan.Cell) async throws -> CheckRun {
        begun(cell, schedule)
        guard let seat = state.withLock({ $0.seats[cell.index] }) else {
            return CheckRun(not: schedule, in: cell, because: "it has no interpreter")
        }
        var seated = cell
        seated.configuration.python = seat.interpreter.path
        seated.configuration.packages = .own
        seated.configuration.tellsPlainly = true
        let number = state.withLock { state in
            state.named += 1
            return state.named
        }
        let events = plan.events(for: cell)
        var life = CheckLife(of: seated, schedule, events: events, named: "check-\(number)", on: runner, turns)
        var run = try await life.lead()
        if cell.configuration.loop == .uvloop, run.invocations.first?.lacksUvloop == true {
            let place = seat.packages ?? "this Python"
            run = CheckRun(not: schedule, in: cell, because: "\(place) has no uvloop")
        } else if let reason = run.reasonThatNothingHappened {
            run = CheckRun(not: schedule, in: cell, because: reason)
        }
        seat.describe(&run)
        run.eventNames = events.map(\.name)
        if run.failsCold, let failure = run.failure?.invocation {
            let advice = FailureAdvice(
                on: cell.configuration,
                seat,
                plan.packages,
                locator,
                isEventMissing: plan.givesSamples && cell.configuration.sampleEvent == nil
            )
            run.advice = try await onThread(named: "advice") { advice.text(for: failure) }
        }
        return run
    }

    // MARK: Progress

    private func begun(_ cell: CheckPlan.Cell, _ schedule: CheckSchedule) {
        let name = schedule.name.count > 40 ? "a shorter one" : schedule.name
        tell { state in
            let python = state.seats[cell.index]?.interpreter.version.description ?? cell.configuration.python
            let place = "\(cell.configuration.host), \(python), \(cell.configuration.loop.rawValue)"
            return "\(cell.usual.name): \(name) on \(place)"
        }
    }

    private func over() { state.withLock { $0.done += 1 } }

    private func tell(_ now: (State) -> String) {
        progress(state.withLock { CheckProgress(done: $0.done, count: $0.count, now: now($0)) })
    }
}

extension CheckSchedule {
    /// About how long it takes, in steps of an invocation.
    fileprivate var effort: Int {
        steps.reduce(0) { sum, step in
            switch step.action {
            case .cold, .parallel: sum + 5
            case .freeze(let time): sum + Int(time.nanoseconds / 20_000_000)
            case .timeout: sum + 4
            default: sum + 1
            }
        }
    }
}

extension CheckRun {
    /// Why nothing of what it was led for could be done; nil: something was, or it shows something nevertheless.
    fileprivate var reasonThatNothingHappened: String? {
        let applied = steps.compactMap(\.wasApplied)
        guard !applied.isEmpty, !applied.contains(true), failure == nil, findings.isEmpty else { return nil }
        return "it never waits"
    }

    /// One that was not led.
    init(not schedule: CheckSchedule, in cell: CheckPlan.Cell, because obstacle: String) {
        self.init(in: cell, schedule: schedule.name, obstacle: obstacle)
    }
}
