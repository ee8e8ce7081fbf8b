import LoopModel

extension CheckRun {
    /// One in a cell of a plan, under the function's usual name.
    init(in cell: CheckPlan.Cell, schedule: String, obstacle: String? = nil) {
        self.init(
            function: cell.usual.name,
            host: cell.configuration.host,
            python: cell.configuration.python,
            loop: cell.configuration.loop,
            schedule: schedule,
            obstacle: obstacle
        )
    }
}

extension InvocationRecord {
    /// Whether it could not be made because the interpreter has no uvloop; in the worker's words.
    var lacksUvloop: Bool { errorMessage?.hasPrefix("Unable to import module 'uvloop'") == true }
}
