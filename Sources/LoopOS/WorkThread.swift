/// One thread that does jobs one after the other, in the order in which they were given.
package final class WorkThread: Sendable {
    private let jobs = Mailbox<@Sendable () -> Void>()
    private let thread: PosixThread.Handle

    /// - Throws: when the system has no thread left.
    package init(named name: String) throws(SystemFailure) {
        thread = try PosixThread.start(named: name) { [jobs] in
            while let batch = jobs.receiveAll(patience: 0) {
                for job in batch { job() }
            }
        }
    }

    /// Does `job` later; false after ``finish()``.
    @discardableResult
    package func run(_ job: @escaping @Sendable () -> Void) -> Bool { jobs.send(job, isUrgent: true) }

    /// Does what was given so far, ends the thread and returns when it is gone.
    ///
    /// Called once, from another thread.
    package func finish() {
        jobs.close()
        PosixThread.join(thread)
    }
}
