/// What sets a host apart from others that the same engine runs.
package struct HostTraits: Hashable, Sendable {
    /// What the thread of a `def` handler is called, as it stands in error messages; `{}` is its number, from 1.
    package var thread: String?
    /// Whether each invocation has a thread of its own, so that nothing set there is found by the next.
    package var hasNewThread: Bool
    /// Whether the module is imported before there is a loop, rather than inside the running one.
    package var importsFirst: Bool
    /// Whether the coroutine of an `async def` handler is run, rather than taken for the result.
    package var runsCoroutines: Bool
    /// Whether a current loop is made when the import has left none, where that is not what the engine is about.
    package var makesLoop: Bool
    /// Whether Python hears signals while it waits for an event; else only from CPython 3.12 on.
    package var hearsSignals: Bool

    package init(
        thread: String? = nil,
        hasNewThread: Bool = false,
        importsFirst: Bool = false,
        runsCoroutines: Bool = true,
        makesLoop: Bool = true,
        hearsSignals: Bool = true
    ) {
        self.thread = thread
        self.hasNewThread = hasNewThread
        self.importsFirst = importsFirst
        self.runsCoroutines = runsCoroutines
        self.makesLoop = makesLoop
        self.hearsSignals = hearsSignals
    }
}
