import LoopCommands
import LoopModel
import LoopOS

/// Runs the program as a test sees it: a console of its own, and everything that was written kept.
struct CommandLineRun {
    var status: Int32
    var output: String
    var errors: String
}

/// Runs one command.
///
/// - Parameters:
///   - arguments: without the program's name.
///   - environment: its variables.
///   - input: what it finds on standard input.
///   - width: of the terminal; nil: there is none.
///   - outputFailure: what every write to standard output ends in.
/// - Returns: what it told the shell, and what it wrote.
func run(
    _ arguments: [String],
    environment: [String: String] = [:],
    input: String = "",
    width: Int? = nil,
    outputFailure: CommandFailure? = nil
) async -> CommandLineRun {
    let output = Locked<[UInt8]>([])
    let errors = Locked<[UInt8]>([])
    let console = Console(
        environment: environment,
        isRoot: false,
        outputWidth: width,
        errorWidth: width,
        now: { WallTime(nanoseconds: 1_795_251_543_000_000_000) },
        utcOffset: { _ in 0 },
        readInput: { () throws(CommandFailure) in Array(input.utf8) },
        writeOutput: { (bytes) throws(CommandFailure) in
            if let outputFailure { throw outputFailure }
            output.withLock { $0 += bytes }
        },
        writeError: { bytes in errors.withLock { $0 += bytes } }
    )
    let status = await Program.run(arguments, on: console)
    return CommandLineRun(
        status: status,
        output: String(decoding: output.withLock(\.self), as: UTF8.self),
        errors: String(decoding: errors.withLock(\.self), as: UTF8.self)
    )
}

/// A folder of its own for a test, removed with it.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = "/tmp/lw-\(UInt32.random(in: 0 ... .max))"
        try Folder.make(path)
    }

    deinit { try? Folder.removeAll(path) }
}
