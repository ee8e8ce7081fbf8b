/// One line of a function's log, as CloudWatch Logs would have it as an event.
package struct LogLine: Hashable, Sendable {
    package var at: WallTime
    package var function: FunctionName
    package var environment: EnvironmentID?
    /// The log stream of ``environment``.
    package var stream: String?
    /// nil: it belongs to the environment alone.
    package var invocation: InvocationID?
    /// What the handler knows the invocation by, where that is another id: that of its first try.
    package var request: InvocationID?
    /// Whether the platform has written it, rather than the handler.
    package var isPlatform: Bool
    /// Without the line feed at its end; the platform's own may have some inside.
    package var text: String

    package init(
        at: WallTime,
        function: FunctionName,
        environment: LoggedEnvironment?,
        invocation: InvocationID? = nil,
        request: InvocationID? = nil,
        isPlatform: Bool = false,
        text: String
    ) {
        self.at = at
        self.function = function
        self.environment = environment?.id
        stream = environment?.logStream
        self.invocation = invocation
        self.request = request
        self.isPlatform = isPlatform
        self.text = text
    }
}

/// Which lines; what is nil does not narrow it.
package struct LogFilter: Hashable, Sendable {
    package var function: FunctionName?
    /// By its id or an unambiguous prefix of it.
    package var invocation: String?
    /// By its id or an unambiguous prefix of it.
    package var environment: String?
    package var since: WallTime?
    package var until: WallTime?
    /// Only what is older: invocations that were requested before, and what was printed outside of any before that.
    package var before: LogPlace?
    /// Only lines that hold this text, byte for byte.
    package var text: String?
    /// The most lines; the newest count.
    package var limit: Int

    /// Of ``limit``, where nobody says otherwise.
    package static let usualLimit = 100

    package init(
        function: FunctionName? = nil,
        invocation: String? = nil,
        environment: String? = nil,
        since: WallTime? = nil,
        until: WallTime? = nil,
        before: LogPlace? = nil,
        text: String? = nil,
        limit: Int = Self.usualLimit
    ) {
        self.function = function
        self.invocation = invocation
        self.environment = environment
        self.since = since
        self.until = until
        self.before = before
        self.text = text
        self.limit = limit
    }

    /// Whether a line is meant, as far as the line itself tells.
    package func matches(_ line: LogLine) -> Bool {
        if let function, line.function != function { return false }
        if let invocation {
            let ids = [line.invocation, line.request].compactMap { $0?.rawValue }
            guard ids.contains(where: { $0.hasPrefix(invocation) }) else { return false }
        }
        if let environment, line.environment?.rawValue.hasPrefix(environment) != true { return false }
        if let since, line.at < since { return false }
        if let until, line.at >= until { return false }
        return text.map { line.text.holds($0) } ?? true
    }
}
