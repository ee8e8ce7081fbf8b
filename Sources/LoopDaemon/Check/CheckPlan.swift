package import LoopModel

/// What a check leads through which lives: every function on every host, interpreter and kind of loop.
package struct CheckPlan: Sendable {
    package var functions: [FunctionConfiguration]
    /// Empty: as each function's manifest says.
    package var hosts: [HostProfile] = []
    /// Empty: as each function's manifest says.
    package var pythons: [String] = []
    /// Empty: as each function's manifest says.
    package var loops: [LoopImplementation] = []
    package var schedule: EventSchedule
    package var threshold = Severity.warning

    package init(functions: [FunctionConfiguration], schedule: EventSchedule) {
        self.functions = functions
        self.schedule = schedule
    }

    /// One environment's life.
    struct Cell: Sendable {
        /// Under a name of its own.
        var configuration: FunctionConfiguration
        /// As the user knows it.
        var function: FunctionName
    }

    var cells: [Cell] {
        var cells: [Cell] = []
        for function in functions {
            for host in hosts.isEmpty ? [function.host] : hosts {
                for python in pythons.isEmpty ? [function.python] : pythons {
                    for loop in loops.isEmpty ? [function.loop] : loops {
                        var configuration = function
                        configuration.name = FunctionName(sanitizing: "check-\(cells.count)")
                        (configuration.host, configuration.python, configuration.loop) = (host, python, loop)
                        // Its first environment is its only one.
                        (configuration.concurrency, configuration.keepAlive) = (1, .seconds(86_400))
                        cells.append(Cell(configuration: configuration, function: function.name))
                    }
                }
            }
        }
        return cells
    }
}

/// The life that an environment is led through.
package struct EventSchedule: Hashable, Sendable {
    /// As it is shown.
    package var name: String
    /// One event, as JSON, for each invocation; the first is cold.
    package var events: [[UInt8]]

    /// The same event again and again.
    package static func warm(_ count: Int, event: [UInt8]) -> Self {
        let name = count == 0 ? "cold" : count == 1 ? "cold, warm" : "cold, warm ×\(count)"
        return Self(name: name, events: Array(repeating: event, count: count + 1))
    }

    /// The events as they were given.
    package static func given(_ events: [[UInt8]]) -> Self { Self(name: "given", events: events) }
}
