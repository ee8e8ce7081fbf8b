import LoopModel
import LoopOS
import Subprocess
import SystemPackage

/// A program that gets a text on its standard input and never runs through a shell.
struct FedProgram {
    /// The program and its arguments; a name without a slash is looked for on PATH.
    let command: [String]
    /// Beside those that the daemon has.
    var variables: [Environment.Key: String] = [:]

    /// How one ended that was not content.
    struct Discontent: Error, CustomStringConvertible {
        let status: TerminationStatus
        /// The beginning of what it wrote to its standard error.
        let said: String
        let program: String

        var description: String { "\(program) ended with \(status): \(said)" }
    }

    /// Runs it to its end.
    ///
    /// - Throws: ``Discontent`` when it ends with another status than 0, or why it could not be run.
    func run(input text: String) async throws {
        guard let program = command.first else { return }
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(1))]
        let executable: Executable = program.contains("/") ? .path(FilePath(program)) : .name(program)
        let configuration = Configuration(
            executable: executable,
            arguments: Arguments(Array(command.dropFirst())),
            environment: .inherit.updating(variables.mapValues { $0 }),
            platformOptions: options
        )
        // Plain files as its streams: swift-subprocess 1.0.2 traps when it is cancelled while it writes to a program's
        // input or reads its output itself ("FileDescriptor was not closed").
        let input = try AnonymousFile((text + "\n").utf8)
        let errors = try AnonymousFile()
        let status = try await Subprocess.run(
            configuration,
            input: .fileDescriptor(FileDescriptor(rawValue: input.descriptor), closeAfterSpawningProcess: false),
            output: .discarded,
            error: .fileDescriptor(FileDescriptor(rawValue: errors.descriptor), closeAfterSpawningProcess: false)
        ).terminationStatus
        guard !status.isSuccess else { return }
        let said = String(decoding: (try? errors.read(upTo: 2000)) ?? [], as: UTF8.self)
        throw Discontent(status: status, said: said, program: program)
    }
}
