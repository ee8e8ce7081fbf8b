package import LoopModel

/// Which lines of logs are asked for, and whether those that come next will be.
package struct LogRequest: Hashable, Sendable {
    package var filter: LogFilter
    package var stream = Stream.none

    package init(_ filter: LogFilter, _ stream: Stream = .none) {
        self.filter = filter
        self.stream = stream
    }

    package enum Stream: Hashable, Sendable {
        /// Only what there is.
        case none
        /// What there is, and the position from which to go on.
        case begin
        /// What came after a position, waiting for the first line no longer than allowed.
        case after(String, wait: Duration)
    }

    /// How long a reply may wait for lines, where nobody says; the client's patience is longer.
    package static let usualWait = Duration.seconds(20)
    /// The longest that may be asked for, in seconds.
    package static let longestWait = 25
}

extension LogRequest {
    /// Reads what a route's query says.
    init(_ arguments: RouteArguments) throws(APIFailure) {
        var filter = LogFilter()
        filter.function = try arguments.optional(ControlParameters.function)
        filter.invocation = try arguments.optional(ControlParameters.logInvocation)
        filter.environment = try arguments.optional(ControlParameters.logEnvironment)
        filter.since = try arguments.optional(ControlParameters.since)
        filter.until = try arguments.optional(ControlParameters.until)
        filter.before = try arguments.optional(ControlParameters.logPlace)
        filter.text = try arguments.optional(ControlParameters.logText)
        if let limit = try arguments.optional(ControlParameters.logLimit) { filter.limit = limit }
        let wait = try arguments.optional(ControlParameters.logWait) ?? Self.usualWait
        if let position = try arguments.optional(ControlParameters.logPosition) {
            self.init(filter, .after(position, wait: wait))
        } else {
            self.init(filter, try arguments.optional(ControlParameters.logFollow) == true ? .begin : .none)
        }
    }

    /// The query of ``init(_:)``.
    var query: String {
        var pairs: [(name: String, value: String?)] = [
            ("function", filter.function?.rawValue), ("invocation", filter.invocation),
            ("environment", filter.environment), ("since", filter.since?.rfc3339), ("until", filter.until?.rfc3339),
            ("before", filter.before?.text), ("text", filter.text), ("limit", String(filter.limit)),
        ]
        switch stream {
        case .none: break
        case .begin: pairs.append(("follow", "true"))
        case .after(let position, let wait):
            pairs += [("after", position), ("wait", String(wait.nanoseconds / 1_000_000_000))]
        }
        return "?"
            + pairs.compactMap { pair in pair.value.map { "\(pair.name)=\(PercentCoding.encode($0))" } }
            .joined(separator: "&")
    }
}
