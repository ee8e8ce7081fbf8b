import LoopModel
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
        let text = notice.json.text + "\n"
        try await withTimeout(timeout) {
            let status = try await run(
                configuration,
                input: .string(text),
                output: .discarded,
                error: .string(limit: 4096)
            )
            guard !status.terminationStatus.isSuccess else { return }
            throw AlertDeliveryFailure(
                "\(program) ended with \(status.terminationStatus): \(status.standardError)",
                isPermanent: status.terminationStatus != .exited(Self.tryAgain)
            )
        }
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
