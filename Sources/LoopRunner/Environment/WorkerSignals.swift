/// The signals by which a worker is asked something while it is busy with an invocation.
///
/// High real-time signals, which no library is known to use. A worker is only sent those that it has a handler for.
enum WorkerSignals {
    /// Write the stack of the thread that gets it into the file of stacks; needs no interpreter that works.
    static let stack: Int32 = 53
    /// Say in the journal's header when the loop has turned.
    static let turn: Int32 = 54
    /// Record what every task is waiting for.
    static let tasks: Int32 = 55
}
