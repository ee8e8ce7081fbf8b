/// What the history knows of the imports of a function.
package struct ImportHistory: Hashable, Sendable {
    /// The newest first.
    package var coldStarts: [ColdStartRecord]
    /// Why environments were not forked though they were to be; the latest first, each once.
    package var refusals: [String]

    package init(coldStarts: [ColdStartRecord] = [], refusals: [String] = []) {
        self.coldStarts = coldStarts
        self.refusals = refusals
    }
}

/// What the history has of one start of an environment in which imports were looked at.
package struct ColdStartRecord: Hashable, Sendable {
    package var environment: EnvironmentID
    package var start: StartMode
    package var startedAt: WallTime
    /// From the start of the process to the loaded handler.
    package var initialization: Duration
    /// Of all that is not the function's own, as long as the handler was loaded.
    package var importing: Duration
    package var modules: [ModuleImport]

    package init(
        environment: EnvironmentID,
        start: StartMode,
        startedAt: WallTime,
        initialization: Duration,
        importing: Duration,
        modules: [ModuleImport]
    ) {
        self.environment = environment
        self.start = start
        self.startedAt = startedAt
        self.initialization = initialization
        self.importing = importing
        self.modules = modules
    }
}
