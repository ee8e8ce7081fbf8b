import LoopModel
import Testing

@Suite("The search for the shortest schedule")
struct ScheduleReductionTests {
    /// Leads the lives that are wanted, on paper.
    private func reduced(
        _ text: String,
        at index: Int?,
        most: Int = 32,
        shows: ([CheckStep]) -> Bool
    ) throws -> (result: ScheduleReduction.Result?, tried: Int) {
        var reduction = ScheduleReduction(of: try CheckSchedule(steps: text).steps, at: index, most: most)
        var rounds = 0
        while !reduction.wanted.isEmpty, rounds < 1000 {
            rounds += 1
            reduction.tell(reduction.wanted.map(shows))
        }
        #expect(rounds < 1000)
        return (reduction.result, reduction.tried)
    }

    private func steps(_ text: String) throws -> [CheckStep] { try CheckSchedule(steps: text).steps }

    private func contains(_ steps: [CheckStep], _ wanted: CheckStep.Action...) -> Bool {
        var rest = steps[...]
        for action in wanted {
            guard let index = rest.firstIndex(where: { $0.action == action }) else { return false }
            rest = rest[(index + 1)...]
        }
        return true
    }

    @Test("what fails cold needs nothing else")
    func cold() throws {
        let (result, _) = try reduced("cold, warm×2", at: 2) { _ in true }
        #expect(result == .shortest(try steps("cold")))
    }

    @Test("what fails warm needs one warm start")
    func warm() throws {
        let (result, tried) = try reduced("cold, warm×12", at: 7) { contains($0, .cold, .warm) }
        #expect(result == .shortest(try steps("cold, warm")))
        #expect(tried == 3)
    }

    @Test("what needs an exception keeps the one that it needs")
    func exception() throws {
        let all = "cold, exception@1, warm, exception@2, warm, exception@3, warm"
        let (result, tried) = try reduced(all, at: 6) { contains($0, .cold, .exception(at: 2), .warm) }
        #expect(result == .shortest(try steps("cold, exception@2, warm")))
        #expect(tried <= 8)
    }

    @Test("who can do without a fault does")
    func plainFirst() throws {
        let all = "cold, exception@1, warm, exception@2, warm, exception@3, warm"
        let (result, _) = try reduced(all, at: 4) { $0.count >= 3 }
        #expect(result == .shortest(try steps("cold, warm, warm")))
    }

    @Test("what needs two of them keeps both")
    func two() throws {
        let all = "cold, exception@1, warm, exception@2, warm, exception@3, warm"
        let (result, tried) = try reduced(all, at: 6) { contains($0, .exception(at: 1), .exception(at: 3), .warm) }
        #expect(result == .shortest(try steps("cold, exception@1, exception@3, warm")))
        #expect(tried <= 32)
    }

    @Test("what cannot be made shorter is as long as it was")
    func longest() throws {
        let all = "cold, timeout, cold, warm"
        let (result, _) = try reduced(all, at: 3) { $0.count == 4 }
        #expect(result == .shortest(try steps(all)))
    }

    @Test("of many steps stretches are left out until no step can be")
    func many() throws {
        let events = "cold#1, " + (2...60).map { "warm#\($0)" }.joined(separator: ", ")
        let (result, tried) = try reduced(events, at: 50, most: 100) { steps in
            steps.contains { $0.event == 7 } && steps.contains { $0.event == 33 } && steps.contains { $0.event == 51 }
        }
        #expect(result == .shortest(try steps("cold#1, warm#7, warm#33, warm#51")))
        #expect(tried <= 100)
    }

    @Test("the number of lives is bounded, and that is said")
    func bounded() throws {
        let events = "cold#1, " + (2...60).map { "warm#\($0)" }.joined(separator: ", ")
        let (result, tried) = try reduced(events, at: 59, most: 12) {
            $0.filter { $0.event.map { $0 % 2 == 0 } ?? false }.count == 30
        }
        #expect(tried <= 12)
        guard case .short = result else {
            Issue.record("\(String(describing: result))")
            return
        }
    }

    @Test("what comes back only sometimes is known as such")
    func unsteady() throws {
        var lives = 0
        let (result, tried) = try reduced("cold, warm, warm", at: 2) { _ in
            lives += 1
            return lives == 5
        }
        #expect(result == .unsteady(try steps("cold, warm×2"), shown: 2, of: 5))
        #expect(tried == 6)
    }

    @Test("what never comes back is known as such")
    func neverAgain() throws {
        let (result, _) = try reduced("cold, exception@1, warm", at: 1) { _ in false }
        #expect(result == .unsteady(try steps("cold, exception@1, warm"), shown: 1, of: 3))
    }

    @Test("what needs a later step than the one it was seen in is looked for in the whole life")
    func later() throws {
        let all = "cold, warm, freeze, warm, shutdown"
        let (result, _) = try reduced(all, at: 1) { contains($0, .warm, .shutdown) }
        #expect(result == .shortest(try steps("cold, warm, shutdown")))
    }

    @Test("what was seen too early, by chance, is as short as if it had been seen where it belongs")
    func early() throws {
        let (result, _) = try reduced("cold, parallel×2", at: 0) { contains($0, .cold, .parallel) }
        #expect(result == .shortest(try steps("cold, parallel")))
    }

    @Test("what comes to light at the end is looked for in the whole life")
    func atTheEnd() throws {
        let (result, _) = try reduced("cold, warm, shutdown", at: nil) { contains($0, .cold, .shutdown) }
        #expect(result == .shortest(try steps("cold, shutdown")))
    }

    @Test("one that is stopped gives what it has")
    func stopped() throws {
        var reduction = ScheduleReduction(of: try steps("cold, exception@1, warm, warm"), at: 2)
        reduction.stop()
        #expect(reduction.wanted.isEmpty)
        #expect(reduction.result == .short(try steps("cold, exception@1, warm")))
    }

    @Test("every single cause among the named schedules is found", arguments: CheckSchedule.named())
    func causes(schedule: CheckSchedule) throws {
        for index in schedule.steps.indices.dropFirst() {
            for last in index..<schedule.steps.count {
                let (cause, seen) = (schedule.steps[index].action, schedule.steps[last].action)
                let shows: ([CheckStep]) -> Bool = { steps in
                    index == last ? self.contains(steps, .cold, seen) : self.contains(steps, .cold, cause, seen)
                }
                let (result, _) = try reduced(schedule.text, at: last, shows: shows)
                guard case .shortest(let steps) = result else {
                    Issue.record("\(schedule.text) at \(last): \(String(describing: result))")
                    continue
                }
                #expect(shows(steps))
                #expect(steps.count == (index == last ? 2 : 3))
            }
        }
    }
}
