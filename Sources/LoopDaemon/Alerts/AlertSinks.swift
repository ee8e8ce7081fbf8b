import AsyncHTTPClient
import Logging

/// Every kind of sink, made as the settings say; a new one is a file and a line here.
struct AlertSinks: Sendable {
    /// How long an alert's program may run.
    private static let commandTimeout = Duration.seconds(10)

    let http: HTTPClient
    let logger: Logger

    func make(for settings: Settings) -> [any AlertSink] {
        var sinks: [any AlertSink] = [LogSink(logger: logger)]
        if let command = settings.alertCommand {
            sinks.append(CommandSink(command: command, timeout: Self.commandTimeout))
        }
        if let webhook = settings.webhook { sinks.append(WebhookSink(webhook: webhook, client: http)) }
        return sinks
    }
}
