/// What was imported while a handler was loaded, or by its first invocation.
package struct ImportReport: Hashable, Sendable {
    /// From the start of the process to the loaded handler; nil: what the first invocation has imported.
    package var initialization: Duration?
    /// All that is not the function's own, the modules included that are not among ``modules``.
    package var total: Duration
    /// The slowest of what the function's own modules have imported, and libraries after they were loaded themselves.
    package var modules: [ModuleImport]
    /// Why its process was started from a fresh interpreter though it was to be forked.
    package var refusal: String?

    package init(
        initialization: Duration? = nil,
        total: Duration,
        modules: [ModuleImport],
        refusal: String? = nil
    ) {
        self.initialization = initialization
        self.total = total
        self.modules = modules
        self.refusal = refusal
    }
}
