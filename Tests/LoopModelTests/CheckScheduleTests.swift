import LoopModel
import Testing

@Suite("A schedule")
struct CheckScheduleTests {
    @Test(
        "is read and written as text",
        arguments: [
            ("cold", "cold"),
            ("cold, warm, warm", "cold, warm×2"),
            ("cold,warm*3 , warm", "cold, warm×4"),
            ("cold, exception, cancel@2, warm × 2", "cold, exception@1, cancel@2, warm×2"),
            ("cold, cancellation@3", "cold, cancel@3"),
            ("cold, freeze, freeze=200ms, freeze=1500ms", "cold, freeze×2, freeze=1500ms"),
            (
                "cold, freeze=2s, idle=90min, idle=600s, idle=36h, idle=2d",
                "cold, freeze=2s, idle=90min, idle, idle=36h, idle=2d"
            ),
            ("cold, timeout, cold, parallel, shutdown", "cold, timeout, cold, parallel, shutdown"),
            ("cold#1, warm#3×2, exception@2#2", "cold#1, warm#3×2, exception@2#2"),
        ]
    )
    func text(typed: String, written: String) throws {
        let schedule = try CheckSchedule(steps: typed)
        #expect(schedule.text == written)
        #expect(schedule.name == written)
        #expect(try CheckSchedule(steps: written).steps == schedule.steps)
    }

    @Test("every named one can be typed as its steps, and begins cold", arguments: CheckSchedule.named(warm: 3))
    func named(schedule: CheckSchedule) throws {
        #expect(try CheckSchedule(steps: schedule.text).steps == schedule.steps)
    }

    @Test("names are unique, and none is taken for steps")
    func names() throws {
        let named = CheckSchedule.named()
        #expect(Set(named.map(\.name)).count == named.count)
        for schedule in named {
            #expect(try CheckSchedule.chosen([schedule.name], warm: 2, events: 0) == [schedule])
        }
    }

    @Test(
        "says which step is wrong, and what is known",
        arguments: [
            ("cold, expection@1", ["no step \"expection\"", "Did you mean exception@1?", "cold, warm, "]),
            ("cold, exception@0", ["exception@0", "from 1"]),
            ("cold, exception@x", ["exception@x", "from 1"]),
            ("cold, exception=2", ["exception=2", "exception@1"]),
            ("cold, warm@1", ["warm@1", "warm alone"]),
            ("cold, warm×0", ["warm×0", "from 1"]),
            ("cold, warm×1000", ["warm×1000", "1 to 200"]),
            ("cold, warm×200", ["more than 200"]),
            ("cold, freeze=2", ["freeze=2", "ms, s, min, h or d"]),
            ("cold, freeze=0s", ["freeze=0s"]),
            ("cold, idle=400d", ["idle=400d", "a year"]),
            ("cold, idle=99999999999999999999s", ["idle="]),
            ("cold, idle=9223372036854775807d", ["idle="]),
            ("cold, freeze#2", ["freeze#2", "no event"]),
            ("cold, warm#0", ["warm#0", "from 1"]),
            ("cold,, warm", ["missing", "cold,, warm"]),
            ("cold, ", ["missing"]),
            ("", ["missing"]),
            ("warm, cold", ["does not begin with a cold start"]),
            ("cold, @2", ["no step \"@2\""]),
        ] as [(String, [String])]
    )
    func mistakes(text: String, parts: [String]) {
        let failure = #expect(throws: CheckScheduleFailure.self) { try CheckSchedule(steps: text) }
        guard let failure else { return }
        for part in parts { #expect("\(failure) \(failure.hint)".contains(part), "\(failure) \(failure.hint)") }
    }

    @Test("several are asked for by names or as steps, each once")
    func chosen() throws {
        let chosen = try CheckSchedule.chosen(
            ["warm,after-idle", "cold, warm", "warm", " parallel "],
            warm: 1,
            events: 0
        )
        #expect(chosen.map(\.name) == ["warm", "after-idle", "cold, warm", "parallel"])
        #expect(chosen.first?.steps == [.cold, .warm])
        #expect(try CheckSchedule.chosen(["given"], warm: 1, events: 3).first?.text == "cold#1, warm#2, warm#3")
    }

    @Test(
        "a wrong name is told with the one that was meant",
        arguments: [
            ("after-expection", "Did you mean after-exception?"), ("given", "--events"), ("freeze", "begin with cold"),
            ("warm, exception@2", "begin with cold"), ("warm,", "no schedule \"\""),
        ]
    )
    func wrongNames(text: String, part: String) {
        let failure = #expect(throws: CheckScheduleFailure.self) {
            try CheckSchedule.chosen([text], warm: 2, events: 0)
        }
        guard let failure else { return }
        #expect("\(failure) \(failure.hint)".contains(part), "\(failure) \(failure.hint)")
    }

    @Test("several events are given out in turn, but not where a step says which it gets")
    func events() throws {
        let schedule = try CheckSchedule(steps: "cold, freeze, warm, warm#1, exception@1")
        #expect(schedule.givingOut(events: 3).text == "cold#1, freeze, warm#2, warm#1, exception@1#3")
        #expect(schedule.givingOut(events: 1) == schedule)
    }

    @Test("uvloop's time cannot be put forward; everything else is possible on it")
    func applicability() {
        var function = FunctionConfiguration(
            name: FunctionName(sanitizing: "orders"),
            root: "/src",
            source: "/src/orders.py",
            handler: "orders.handler"
        )
        #expect(CheckSchedule.named().allSatisfy { $0.obstacle(for: function) == nil })
        function.loop = .uvloop
        #expect(CheckSchedule.named().filter { $0.obstacle(for: function) != nil }.map(\.name) == ["after-idle"])
    }
}
