/// How a function's log is written, as AWS Lambda's LoggingConfig has it.
package struct LoggingConfiguration: Hashable, Sendable {
    package var format = LogFormat.text
    /// The least that the handler's `logging` writes; in JSON only.
    package var applicationLevel = LogLevel.info
    /// The least that the platform writes; in JSON only.
    package var systemLevel = LogLevel.info
    /// Whether somebody has chosen the format, rather than left it to the host.
    package var isChosen = false

    package init() {}

    /// What AWS Lambda's runtimes read of it; nothing where it is left to the host.
    package var variables: [String: String] {
        guard isChosen else { return [:] }
        let variables = ["AWS_LAMBDA_LOG_FORMAT": format == .json ? "JSON" : "Text"]
        guard format == .json else { return variables }
        return variables.merging(["AWS_LAMBDA_LOG_LEVEL": applicationLevel.rawValue]) { $1 }
    }
}

/// In which form the platform and the handler's `logging` write.
package enum LogFormat: String, Sendable, Codable, CaseIterable {
    case text
    case json
}

/// How much a line of the log matters, by AWS Lambda's names, the least first.
package enum LogLevel: String, Sendable, Codable, CaseIterable, Comparable {
    case trace = "TRACE"
    case debug = "DEBUG"
    case info = "INFO"
    case warn = "WARN"
    case error = "ERROR"
    case fatal = "FATAL"

    /// The platform's own lines have these.
    package static let ofSystem: [Self] = [.debug, .info, .warn]

    package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

extension FunctionConfiguration {
    /// Whether the handler's `logging` is set up as AWS Lambda's runtime sets it up, before the handler is imported.
    ///
    /// Other hosts leave it alone.
    package var logsAsLambda: Bool {
        guard kind != .tests, kind != .notebook else { return false }
        return logging.isChosen || host.isOfLambda
    }

    /// As AWS Lambda's default log group.
    package var logGroup: String { (alias ?? name).logGroup }
}

extension FunctionName {
    /// As AWS Lambda's default log group.
    package var logGroup: String { "/aws/lambda/\(self)" }
}

extension HostProfile {
    /// Whether handlers run on AWS Lambda under this profile.
    fileprivate var isOfLambda: Bool {
        switch engine {
        case .perInvocation, .bare, .kept, .mangum: rawValue != "openwhisk" && rawValue != "vercel" && self != .pytest
        default: false
        }
    }
}

extension EnvironmentRecord {
    /// `2026/11/21/[$LATEST]<environment>`: one stream is one environment, and one that was reset goes on with its own.
    package var logStream: String { inheritedLogStream ?? id.logStream(from: startedAt) }
}

extension EnvironmentID {
    /// The name of its log stream.
    package func logStream(from start: WallTime) -> String {
        let day = start.rfc3339.prefix(10).split(separator: "-").joined(separator: "/")
        return "\(day)/[$LATEST]\(self)"
    }
}
