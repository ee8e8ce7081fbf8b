internal import LoopModel
internal import LoopWire

extension ImportReport {
    /// What a worker has told.
    ///
    /// - Parameters:
    ///   - imports: its words.
    ///   - initialization: from the start of its process to the loaded handler; nil: the handler was called already.
    ///   - refusal: why the process was not forked though it was to be.
    init(_ imports: WorkerImports, initialization: Duration? = nil, refusal: String? = nil) {
        self.init(
            initialization: initialization,
            total: .nanoseconds(max(imports.total, 0)),
            modules: imports.modules.map(\.record),
            refusal: refusal
        )
    }
}
