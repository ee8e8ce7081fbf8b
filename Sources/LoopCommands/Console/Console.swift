package import LoopModel

/// What a command sees of the world around it: streams, terminal, variables, clock.
///
/// Tests put their own in its place.
package struct Console: Sendable {
    package var environment: [String: String]
    package var isRoot: Bool
    /// In columns; nil when standard output is no terminal.
    package var outputWidth: Int?
    /// In columns; nil when standard error is no terminal.
    package var errorWidth: Int?
    package var now: @Sendable () -> WallTime
    /// How far local time is ahead of UTC at a moment, in seconds.
    package var utcOffset: @Sendable (WallTime) -> Int
    /// Everything on standard input.
    package var readInput: @Sendable () throws(CommandFailure) -> [UInt8]
    /// Writes all of it to standard output, at once.
    package var writeOutput: @Sendable ([UInt8]) throws(CommandFailure) -> Void
    /// Writes all of it to standard error; that it cannot be written is nothing to stop for.
    package var writeError: @Sendable ([UInt8]) -> Void

    package init(
        environment: [String: String],
        isRoot: Bool,
        outputWidth: Int?,
        errorWidth: Int?,
        now: @escaping @Sendable () -> WallTime,
        utcOffset: @escaping @Sendable (WallTime) -> Int,
        readInput: @escaping @Sendable () throws(CommandFailure) -> [UInt8],
        writeOutput: @escaping @Sendable ([UInt8]) throws(CommandFailure) -> Void,
        writeError: @escaping @Sendable ([UInt8]) -> Void
    ) {
        self.environment = environment
        self.isRoot = isRoot
        self.outputWidth = outputWidth
        self.errorWidth = errorWidth
        self.now = now
        self.utcOffset = utcOffset
        self.readInput = readInput
        self.writeOutput = writeOutput
        self.writeError = writeError
    }

    /// Says a line to the person, on standard error.
    func say(_ line: String) { writeError(Array((line + "\n").utf8)) }

    /// Writes a line to standard output.
    func print(_ line: String) throws(CommandFailure) { try writeOutput(Array((line + "\n").utf8)) }
}
