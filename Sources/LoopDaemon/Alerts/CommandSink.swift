import LoopModel
import Subprocess

/// Runs a program for each alert, with the alert as JSON on its standard input.
struct CommandSink: AlertSink {
    /// What BSD's sysexits call EX_TEMPFAIL: the program asks to be run again later.
    private static let tryAgain: Int32 = 75

    let name = "command"
    let command: [String]
    let timeout: Duration

    func deliver(_ notice: AlertNotice) async throws {
        let program = FedProgram(
            command: command,
            variables: [
                "LOOPWARDEN_ALERT_RULE": notice.alert.rule,
                "LOOPWARDEN_ALERT_FUNCTION": notice.alert.function.rawValue,
                "LOOPWARDEN_ALERT_FINGERPRINT": notice.alert.fingerprint,
            ]
        )
        try await withTimeout(timeout) {
            do {
                try await program.run(input: notice.json.text)
            } catch let discontent as FedProgram.Discontent {
                throw AlertDeliveryFailure("\(discontent)", isPermanent: discontent.status != .exited(Self.tryAgain))
            }
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
