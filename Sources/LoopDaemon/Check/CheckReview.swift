import LoopModel

/// Looks again, in lives led alone, at what has failed when many lives were led at once, and finds the shortest that
/// shows it.
struct CheckReview {
    private let plan: CheckPlan
    private let guide: CheckGuide

    init(_ plan: CheckPlan, _ guide: CheckGuide) {
        self.plan = plan
        self.guide = guide
    }

    /// The runs, each with how what it shows can be seen again; functions are looked at side by side.
    func runs(after firsts: [[CheckRun]]) async throws -> [CheckRun] {
        let cells = plan.cells
        let functions = Dictionary(grouping: cells, by: \.usual.name).values
        let reviews = try await withThrowingTaskGroup(of: FunctionReview.self) { group in
            for cells in functions {
                group.addTask {
                    var review = FunctionReview(plan, guide, cells, runs: cells.map { firsts[$0.index] })
                    try await review.perform()
                    return review
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        var runs = firsts
        for review in reviews {
            for (cell, reviewed) in zip(review.cells, review.runs) { runs[cell.index] = reviewed }
        }
        return runs.flatMap(\.self)
    }
}

/// The second look at one function's lives: one after the other, as lives of one function may be in each other's way.
private struct FunctionReview: Sendable {
    /// Of all lives that are led to find shorter ones, for one symptom and in all.
    private static let mostTries = (one: 32, all: 96)
    /// How long shorter ones are looked for.
    private static let patience = Duration.seconds(20)

    private let plan: CheckPlan
    private let guide: CheckGuide
    let cells: [CheckPlan.Cell]
    /// By cell, then by schedule.
    private(set) var runs: [[CheckRun]]

    /// What lives have shown that were led alone.
    private var shown: [Life: [Set<Symptom>]] = [:]
    /// The first life of its steps that was led alone.
    private var alone: [Life: CheckRun] = [:]
    private var tries = 0

    private struct Life: Hashable {
        var cell: Int
        var steps: [CheckStep]

        /// Whether two environments live at once in it.
        var isCrowded: Bool { steps.contains { $0.action == .parallel } }
    }

    init(_ plan: CheckPlan, _ guide: CheckGuide, _ cells: [CheckPlan.Cell], runs: [[CheckRun]]) {
        self.plan = plan
        self.guide = guide
        self.cells = cells
        self.runs = runs
    }

    mutating func perform() async throws {
        try await confirm()
        guard runs.contains(where: { $0.contains { !symptoms(of: $0).isEmpty } }) else { return }
        settleColdFailures()
        try await reduce()
    }

    private func symptoms(of run: CheckRun) -> Set<Symptom> {
        run.obstacle == nil ? Set(run.symptoms(threshold: plan.threshold).map(\.symptom)) : []
    }

    // MARK: Again, alone

    private mutating func confirm() async throws {
        for cell in cells.indices { try await confirmColdFailure(of: cell) }
        var confirmed: Set<Symptom> = []
        for cell in cells.indices {
            for (index, schedule) in plan.schedules.enumerated() {
                let run = runs[cell][index]
                let new = symptoms(of: run).subtracting(confirmed)
                guard !new.isEmpty else { continue }
                // Up to where the last of them was seen; what is not seen there may need the rest of the life.
                var gone = new.subtracting(symptoms(of: try await leadOnce(prefix(of: run, showing: new), cell)))
                if !gone.isEmpty { gone.subtract(symptoms(of: try await leadOnce(schedule.steps, cell))) }
                confirmed.formUnion(new.subtracting(gone))
                guard !gone.isEmpty, !schedule.isCrowded else { continue }
                // It was the other lives, as in those that have two environments at once on purpose.
                if gone.isSubset(of: try await crowdedSymptoms(of: cell)) {
                    runs[cell][index] = try await leadOnce(schedule.steps, cell)
                }
            }
        }
    }

    /// The steps of a life up to the one in which the last of some symptoms was seen.
    private func prefix(of run: CheckRun, showing wanted: Set<Symptom>) -> [CheckStep] {
        let steps = run.effectiveSteps
        let seen = run.symptoms(threshold: plan.threshold).filter { wanted.contains($0.symptom) }
        let last = seen.map { $0.step ?? steps.count - 1 }.max() ?? steps.count - 1
        return Array(steps.prefix(last + 1))
    }

    /// Leads the lives that were left out because another failed cold, if that does not fail cold when it is alone.
    private mutating func confirmColdFailure(of cell: Int) async throws {
        guard let first = runs[cell].firstIndex(where: \.failsCold) else { return }
        guard !(try await leadOnce(Array(plan.schedules[first].steps.prefix(1)), cell).failsCold) else { return }
        for (index, schedule) in plan.schedules.enumerated() where runs[cell][index].obstacle == CheckGuide.failsCold {
            runs[cell][index] = try await leadOnce(schedule.steps, cell)
        }
    }

    /// What shows when there are two environments at once and no other lives.
    private mutating func crowdedSymptoms(of cell: Int) async throws -> Set<Symptom> {
        let crowded = plan.schedules.first(where: \.isCrowded) ?? CheckSchedule.crowded
        return symptoms(of: try await leadOnce(crowded.steps, cell))
    }

    /// Leads a life alone, unless that was done before.
    private mutating func leadOnce(_ steps: [CheckStep], _ cell: Int) async throws -> CheckRun {
        if let run = alone[Life(cell: cell, steps: steps)] { return run }
        return note(try await guide.leadOne(schedule(of: steps), in: cells[cell]), of: steps, cell)
    }

    private func schedule(of steps: [CheckStep]) -> CheckSchedule {
        let known = plan.schedules.first { $0.steps == steps }
        return known ?? CheckSchedule(name: CheckSchedule.text(of: steps), steps: steps)
    }

    @discardableResult
    private mutating func note(_ run: CheckRun, of steps: [CheckStep], _ cell: Int) -> CheckRun {
        let life = Life(cell: cell, steps: steps)
        shown[life, default: []].append(symptoms(of: run))
        if alone[life] == nil { alone[life] = run }
        return run
    }

    /// One life is enough to tell that a handler fails cold.
    private mutating func settleColdFailures() {
        for cell in cells.indices {
            guard let first = runs[cell].firstIndex(where: \.failsCold) else { continue }
            for index in runs[cell].indices where index != first && runs[cell][index].failsCold {
                runs[cell][index].obstacle = CheckGuide.failsCold
                runs[cell][index].invocations = []
                runs[cell][index].findings = []
            }
        }
    }

    // MARK: The shortest

    private mutating func reduce() async throws {
        let start = ContinuousClock.now
        var found: [Symptom: Reproduction] = [:]
        for cell in cells.indices {
            for (index, schedule) in plan.schedules.enumerated() where runs[cell][index].obstacle == nil {
                for (symptom, step) in runs[cell][index].symptoms(threshold: plan.threshold) where found[symptom] == nil
                {
                    let steps = runs[cell][index].effectiveSteps
                    var reduction = ScheduleReduction(of: steps, at: step, most: Self.mostTries.one)
                    var used: [[CheckStep]: Int] = [:]
                    while !reduction.wanted.isEmpty {
                        guard tries < Self.mostTries.all, ContinuousClock.now - start < Self.patience else {
                            reduction.stop()
                            break
                        }
                        try await lead(reduction.wanted, after: used, cell)
                        let shows = reduction.wanted.map { steps in
                            let number = used[steps, default: 0]
                            used[steps] = number + 1
                            return shown[Life(cell: cell, steps: steps)]?[number].contains(symptom) ?? false
                        }
                        reduction.tell(shows)
                    }
                    found[symptom] = reproduction(reduction, of: schedule, cell)
                }
            }
        }
        for cell in cells.indices {
            for index in runs[cell].indices { runs[cell][index].attach(found) }
        }
    }

    /// Leads those of some lives that were not led often enough, where so many of each have been looked at.
    private mutating func lead(_ wanted: [[CheckStep]], after used: [[CheckStep]: Int], _ cell: Int) async throws {
        var needed = used
        var missing: [[CheckStep]] = []
        for steps in wanted {
            needed[steps, default: 0] += 1
            let led = shown[Life(cell: cell, steps: steps), default: []].count + missing.count { $0 == steps }
            if led < needed[steps, default: 0] { missing.append(steps) }
        }
        tries += missing.count
        guard isSociable(cell) else {
            for steps in missing {
                note(try await guide.leadOne(schedule(of: steps), in: cells[cell]), of: steps, cell)
            }
            return
        }
        let (guide, place) = (guide, cells[cell])
        let schedules = missing.map(schedule(of:))
        let led = try await withThrowingTaskGroup(of: (Int, CheckRun).self) { group in
            for (index, schedule) in schedules.enumerated() {
                group.addTask { (index, try await guide.leadOne(schedule, in: place)) }
            }
            return try await group.reduce(into: [Int: CheckRun]()) { $0[$1.0] = $1.1 }
        }
        for (index, steps) in missing.enumerated() {
            if let run = led[index] { note(run, of: steps, cell) }
        }
    }

    /// Whether the lives of a cell are in nobody's way: two environments at once show nothing that one does not.
    private func isSociable(_ cell: Int) -> Bool {
        guard let crowded = plan.schedules.firstIndex(where: \.isCrowded), runs[cell][crowded].obstacle == nil else {
            return false
        }
        let lonely = shown.filter { $0.key.cell == cell && !$0.key.isCrowded }.flatMap(\.value)
        return symptoms(of: runs[cell][crowded]).isSubset(of: lonely.reduce(into: []) { $0.formUnion($1) })
    }

    private func reproduction(_ reduction: ScheduleReduction, of schedule: CheckSchedule, _ cell: Int) -> Reproduction?
    {
        let (steps, certainty): ([CheckStep], Reproduction.Certainty)
        switch reduction.result {
        case .shortest(let shortest): (steps, certainty) = (shortest, .shortest)
        case .short(let short): (steps, certainty) = (short, .short)
        case .unsteady(let same, let shown, let count): (steps, certainty) = (same, .unsteady(shown: shown, of: count))
        case nil: return nil
        }
        var reproduction = Reproduction(
            schedule: schedule.name,
            steps: steps,
            certainty: certainty,
            command: plan.command(for: steps, in: cells[cell])
        )
        let life = alone[Life(cell: cell, steps: steps)]
        reproduction.places = life?.faultedPlaces(below: cells[cell].configuration.root) ?? [:]
        return reproduction
    }
}

extension CheckSchedule {
    /// Whether two environments live at once in it.
    fileprivate var isCrowded: Bool { steps.contains { $0.action == .parallel } }

    /// One that is crowded, for plans that have none.
    fileprivate static let crowded = Self(name: "parallel", steps: [.cold, CheckStep(.parallel), CheckStep(.parallel)])
}

extension CheckRun {
    /// Adds how what it shows can be seen again.
    fileprivate mutating func attach(_ found: [Symptom: Reproduction]) {
        for index in findings.indices { findings[index].reproduction = found[Symptom(findings[index])] }
        reproduction = failure.flatMap { found[Symptom(failure: $0.invocation)] }
    }
}
