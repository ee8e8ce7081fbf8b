package import LoopModel
import LoopRunner

/// What a check leads through which lives: every function on every host, interpreter and kind of loop.
package struct CheckPlan: Sendable {
    package var functions: [FunctionConfiguration]
    /// Empty: as each function's manifest says.
    package var hosts: [HostProfile] = []
    /// Empty: as each function's manifest says.
    package var pythons: [String] = []
    /// Empty: as each function's manifest says.
    package var loops: [LoopImplementation] = []
    /// The lives; the plain one first, where it is among them.
    package let schedules: [CheckSchedule]
    /// What the invocations are given; at least one.
    package let events: [CheckEvent]
    /// The largest event that an invocation takes, as on AWS Lambda; in bytes.
    package static let largestEvent = InvocationLimits.payload
    /// Whether nobody has said what to give: then each function that has a sample of its own gets that.
    package var givesSamples = false
    package var threshold = Severity.warning
    /// How processes come to be; nil: as each function says.
    package var start: StartMode?
    /// Where handlers' packages come from.
    package var packages = PackageSource.own
    /// A command line that checks a function alone, without the options that this plan tells of.
    package var commands: [FunctionName: String] = [:]

    /// - Throws: ``CheckScheduleFailure`` when a schedule asks for an event that there is not.
    package init(
        functions: [FunctionConfiguration],
        schedules: [CheckSchedule],
        events: [CheckEvent]
    ) throws(CheckScheduleFailure) {
        self.functions = functions
        self.events = events
        for number in schedules.flatMap(\.steps).compactMap(\.event) where number > events.count {
            throw .noSuchEvent(number, of: events.count)
        }
        let plain = schedules.filter { $0.name == CheckSchedule.plain }
        self.schedules = (plain + schedules.filter { $0.name != CheckSchedule.plain })
            .map { $0.givingOut(events: events.count) }
    }

    /// Where lives are led.
    struct Cell: Sendable {
        /// Which of the plan's cells, counted from 0.
        var index: Int
        var configuration: FunctionConfiguration
        /// As it was without this plan.
        var usual: FunctionConfiguration
    }

    /// By function, then by host, interpreter and loop.
    var cells: [Cell] {
        var cells: [Cell] = []
        for function in functions {
            for host in hosts.isEmpty ? [function.host] : hosts {
                for python in pythons.isEmpty ? [function.python] : pythons {
                    for loop in loops.isEmpty ? [function.loop] : loops {
                        var configuration = function
                        (configuration.host, configuration.python, configuration.loop) = (host, python, loop)
                        configuration.start = start ?? function.start
                        // An environment at a time, which nobody ends before its time.
                        configuration.haveToItself()
                        // What a check asks is another question than whether this machine has as much as production.
                        configuration.resources = ResourceLimits(memoryLimit: .off)
                        cells.append(Cell(index: cells.count, configuration: configuration, usual: function))
                    }
                }
            }
        }
        return cells
    }

    /// What a function's invocations are given.
    func events(for cell: Cell) -> [CheckEvent] {
        givesSamples ? cell.configuration.sampleEvent.map { [$0] } ?? events : events
    }

    /// A command line that leads one life in one cell.
    func command(for steps: [CheckStep], in cell: Cell) -> String {
        let (checked, usual) = (cell.configuration, cell.usual)
        var parts = [commands[usual.name] ?? "loopwarden check \(usual.source)"]
        parts.append("--schedule \"\(CheckSchedule.text(of: steps))\"")
        if checked.host != usual.host { parts.append("--host \(checked.host)") }
        if checked.python != usual.python { parts.append("--python \(checked.python)") }
        if checked.start != usual.start { parts.append("--start \(checked.start.rawValue)") }
        if checked.loop != usual.loop { parts.append("--loop \(checked.loop.rawValue)") }
        return parts.joined(separator: " ")
    }
}
