/// What the lines of a log need to know of the environment that they come from.
package struct LoggedEnvironment: Hashable, Sendable {
    package var id: EnvironmentID
    package var startedAt: WallTime
    package var cause = ColdStartCause.first
    /// The stream that it has inherited; nil: it has one of its own.
    package var inheritedLogStream: String?
    /// For example `3.11.7`; empty when it was never known.
    package var pythonVersion = ""
    /// In MB.
    package var memory = 128
    package var format = LogFormat.text
    package var systemLevel = LogLevel.info
    package var region = Self.usualRegion

    /// Where functions are when nobody says otherwise; nothing is ever called there.
    package static let usualRegion = "us-east-1"

    package init(id: EnvironmentID, startedAt: WallTime) {
        self.id = id
        self.startedAt = startedAt
    }

    /// The name of its log stream.
    package var logStream: String { inheritedLogStream ?? id.logStream(from: startedAt) }

    package init(_ record: EnvironmentRecord) {
        self.init(id: record.id, startedAt: record.startedAt)
        cause = record.cause
        pythonVersion = record.pythonVersion
        inheritedLogStream = record.inheritedLogStream
        if let style = record.logStyle {
            (memory, format, systemLevel, region) = (style.memory, style.format, style.systemLevel, style.region)
        }
    }
}

/// How an environment's log is written, as its function's configuration was when it was started.
package struct LogStyle: Hashable, Sendable {
    /// In MB.
    package var memory: Int
    package var format: LogFormat
    package var systemLevel: LogLevel
    package var region: String

    package init(memory: Int, format: LogFormat, systemLevel: LogLevel, region: String) {
        self.memory = memory
        self.format = format
        self.systemLevel = systemLevel
        self.region = region
    }

    package init(of function: FunctionConfiguration) {
        self.init(
            memory: function.memory,
            format: function.logging.format,
            systemLevel: function.logging.systemLevel,
            region: function.environment["AWS_REGION"] ?? LoggedEnvironment.usualRegion
        )
    }
}

/// What the log of an invocation needs beside its record.
package struct InvocationLog: Hashable, Sendable {
    /// When it was handed to the handler; nil: when its record says.
    package var startedAt: WallTime?
    /// The trace header that it came with, where its trace is sampled.
    package var trace: String?
    /// The times of the lines in ``InvocationRecord/logTail``.
    package var times: [LoggedText.Mark] = []

    package init() {}

    /// Whether there is anything to keep.
    package var isEmpty: Bool { self == Self() }
}
