import ArgumentParser
import LoopWire

/// A command that does something, given the world around it.
///
/// In the place of `run()`, which knows only the process's own streams.
protocol Verb: ParsableCommand {
    /// Does it.
    ///
    /// - Returns: what the shell is told.
    /// - Throws: ``CommandFailure``, or an error of the argument parser.
    func perform(on console: Console) async throws -> CommandStatus
}
