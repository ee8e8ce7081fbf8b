import LoopModel
import LoopOS
import Subprocess
import SystemPackage

/// Runs a program for each alert, with the alert as JSON on its standard input and never through a shell.
struct CommandSink: AlertSink {
    /// What BSD's sysexits call EX_TEMPFAIL: the program asks to be run again later.
    private static let tryAgain: Int32 = 75

    let name = "command"
    let command: [String]
    let timeout: Duration

    func deliver(_ notice: AlertNotice) async throws {
        guard let program = command.first else { return }
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(1))]
        let executable: Executable = program.contains("/") ? .path(FilePath(program)) : .name(program)
        let configuration = Configuration(
            executable: executable,
            arguments: Arguments(Array(command.dropFirst())),
            environment: .inherit.updating([
                "LOOPWARDEN_ALERT_RULE": notice.alert.rule,
                "LOOPWARDEN_ALERT_FUNCTION": notice.alert.function.rawValue,
                "LOOPWARDEN_ALERT_FINGERPRINT": notice.alert.fingerprint,
            ]),
            platformOptions: options
        )
        try await withTimeout(timeout) { try await execute(configuration, program: program, notice: notice) }
    }

    /// Runs the program with plain files as its streams: swift-subprocess 1.0.2 traps when it is cancelled while it
    /// writes to a program's input or reads its output itself ("FileDescriptor was not closed").
    private func execute(_ configuration: Configuration, program: String, notice: AlertNotice) async throws {
        let input = try AnonymousFile((notice.json.text + "\n").utf8)
        let errors = try AnonymousFile()
        let status = try await run(
            configuration,
            input: .fileDescriptor(FileDescriptor(rawValue: input.descriptor), closeAfterSpawningProcess: false),
            output: .discarded,
            error: .fileDescriptor(FileDescriptor(rawValue: errors.descriptor), closeAfterSpawningProcess: false)
        ).terminationStatus
        guard !status.isSuccess else { return }
        let said = String(decoding: (try? errors.read(upTo: 2000)) ?? [], as: UTF8.self)
        throw AlertDeliveryFailure(
            "\(program) ended with \(status): \(said)",
            isPermanent: status != .exited(Self.tryAgain)
        )
    }
}

/// Runs `body`, and cancels it when it takes too long.
///
/// - Throws: ``AlertDeliveryFailure`` on timeout, else what `body` throws.
func withTimeout(_ timeout: Duration, _ body: @escaping @Sendable () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: timeout)
            throw AlertDeliveryFailure("no answer within \(timeout.spoken)")
        }
        defer { group.cancelAll() }
        try await group.next()
    }
}
