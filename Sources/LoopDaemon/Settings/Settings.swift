package import Logging
package import LoopModel
package import LoopOS

/// What the operator chose, with the defaults filled in.
package struct Settings: Hashable, Sendable {
    /// The folder with the history, the lock and what running environments need; absolute.
    package var state: String
    /// The control API's socket; absolute.
    package var socket: String
    /// Folders whose plugins are served; absolute.
    package var plugins: [String] = []
    /// Of 127.0.0.1, where the Lambda API is served beside the socket; nil: nowhere.
    package var lambdaPort: Int?
    /// Which of AWS Lambda's answers are given, where they have changed.
    package var epoch = LambdaEpoch.new
    /// What the pauses before an event is tried again are multiplied by; 1 is as on AWS Lambda.
    package var retryPace = 1.0
    /// The most invocations at once of all functions together, as an AWS account has it; nil: no limit.
    package var accountConcurrency: Int?
    package var durability = Durability.process
    package var logLevel = Logger.Level.info
    package var logFormat = LogFormat.text
    /// The alert hook's program and arguments; nil: none.
    package var alertCommand: [String]?
    package var webhook: Webhook?
    /// How often a sink is tried again before an alert counts as undelivered.
    package var alertRetries = 5
    /// Older history is deleted; nil: kept for ever.
    package var retentionAge: Duration?
    /// The oldest history is deleted while the database is larger, in bytes; nil: no limit.
    package var retentionSize: Int?
    /// How much is kept of what an invocation prints, and of what is printed between two, in bytes.
    package var outputLimit = 16 << 10
    /// Rules that are switched off, by name.
    package var rulesOff: Set<String> = []
    /// Rules that judge only when they are asked for, by name.
    package var rulesOn: Set<String> = []
    /// How long running invocations may go on when the daemon is told to stop.
    package var drain: Duration = .seconds(10)
    /// Where environments may have cgroups of their own.
    package var cgroups = ControlGroupTree.Choice.auto

    package init(state: String, socket: String) {
        self.state = state
        self.socket = socket
    }

    /// What an answered invocation survives.
    package enum Durability: String, Sendable, CaseIterable {
        /// The daemon being killed at any instant.
        case process
        /// The machine losing power, too: one fsync before each group of answers.
        case power
    }

    package enum LogFormat: String, Sendable, CaseIterable {
        case text
        case json
    }

    /// Where alerts are posted as JSON.
    package struct Webhook: Hashable, Sendable {
        package var url: String
        package var headers: [String: String]
        package var timeout: Duration
    }
}

/// What the command line says about the daemon; nil where it says nothing.
package struct DaemonOptions: Sendable {
    package var config: String?
    package var state: String?
    package var socket: String?
    package var plugins: [String] = []
    package var durability: String?
    package var logLevel: String?
    package var epoch: String?
    /// Only say whether the settings and plugins are good.
    package var checkConfig = false

    package init() {}
}
