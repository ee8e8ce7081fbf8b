import LoopModel
import Testing

@testable import LoopDaemon

@Suite("A check's plan")
struct CheckPlanTests {
    private func function(_ name: String) -> FunctionConfiguration {
        FunctionConfiguration(
            name: FunctionName(sanitizing: name),
            root: "/src",
            source: "/src/\(name).py",
            handler: "\(name).handler"
        )
    }

    @Test("is every function on every host, interpreter and loop that was named, else as the function says")
    func cells() throws {
        var bare = function("bare")
        bare.host = .bare
        let events = [CheckEvent(bytes: Array("{}".utf8))]
        var plan = try CheckPlan(
            functions: [bare, function("other")],
            schedules: CheckSchedule.named(),
            events: events
        )
        #expect(plan.cells.map(\.configuration.host) == [.bare, .perInvocation])
        #expect(plan.cells.map(\.index) == [0, 1])
        plan.hosts = [.kept, .bare]
        plan.pythons = ["3.9", "3.13"]
        plan.loops = [.asyncio, .uvloop]
        #expect(plan.cells.count == 2 * 2 * 2 * 2)
        #expect(Set(plan.cells.map { "\($0.configuration.host) \($0.configuration.python)" }).count == 4)
        #expect(plan.cells.allSatisfy { $0.configuration.concurrency == 1 })
    }

    @Test("leads the plain life first, and gives out several events")
    func schedules() throws {
        let schedules = try CheckSchedule.chosen(["after-freeze,warm"], warm: 1, events: 0)
        let events = ["0", "1", "2"].map { CheckEvent(bytes: Array($0.utf8)) }
        let plan = try CheckPlan(functions: [function("orders")], schedules: schedules, events: events)
        #expect(plan.schedules.map(\.text) == ["cold#1, warm#2", "cold#1, freeze, warm#2"])
        #expect(throws: CheckScheduleFailure.noSuchEvent(4, of: 3)) {
            try CheckPlan(functions: [], schedules: [CheckSchedule(steps: "cold, warm#4")], events: events)
        }
    }

    @Test("a command to see something again has the options that matter, and no others")
    func commands() throws {
        let events = [CheckEvent(bytes: Array("{}".utf8))]
        var plan = try CheckPlan(functions: [function("orders")], schedules: CheckSchedule.named(), events: events)
        plan.commands[FunctionName(sanitizing: "orders")] = "loopwarden check orders.py"
        let steps = try CheckSchedule(steps: "cold, exception@1, warm").steps
        let usual = "loopwarden check orders.py --schedule \"cold, exception@1, warm\""
        #expect(plan.command(for: steps, in: plan.cells[0]) == usual)
        plan.hosts = [.perInvocation, .bare]
        plan.pythons = ["3.13"]
        plan.loops = [.uvloop]
        #expect(
            plan.cells.map { plan.command(for: steps, in: $0) } == [
                usual + " --python 3.13 --loop uvloop", usual + " --host bare --python 3.13 --loop uvloop",
            ]
        )
    }

    @Test("turns are given to those who have waited longest, and no more than there are")
    func turns() async {
        let turns = Turns(2)
        let running = Counter()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    await turns.withTurn {
                        await running.begin()
                        await Task.yield()
                        await running.end()
                        await turns.withoutTurn { await Task.yield() }
                    }
                }
            }
        }
        #expect(await running.most <= 2)
        #expect(await running.ended == 20)
    }

    @Test("a turn is given back by who fails", .timeLimit(.minutes(1)))
    func failure() async {
        let turns = Turns(1)
        await #expect(throws: CancellationError.self) {
            try await turns.withTurn { try await turns.withoutTurn { throw CancellationError() } }
        }
        await turns.withTurn {}
    }

    private actor Counter {
        private var now = 0
        private(set) var most = 0
        private(set) var ended = 0

        func begin() {
            now += 1
            most = max(most, now)
        }

        func end() {
            now -= 1
            ended += 1
        }
    }
}
