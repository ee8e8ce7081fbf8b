package import LoopModel

// The failures with their texts, in one place, so that every side says the same.
extension APIFailure {
    package static func unknownFunction(_ name: FunctionName) -> Self {
        Self(
            .unknownFunction,
            "There is no function named \"\(name)\".",
            hint: "\"loopwarden functions\" lists those there are; \"loopwarden functions add PATH\" adds one."
        )
    }

    package static func unknownInvocation(_ prefix: String) -> Self {
        Self(
            .unknownInvocation,
            "There is no invocation whose id begins with \"\(prefix)\".",
            hint: "\"loopwarden history\" lists those kept."
        )
    }

    package static func unknownAlert(_ prefix: String) -> Self {
        Self(
            .unknownAlert,
            "There is no alert whose fingerprint begins with \"\(prefix)\".",
            hint: "\"loopwarden alerts list --state all\" lists those there are."
        )
    }

    package static func unknownRule(_ id: String, known: [String]) -> Self {
        Self(
            .unknownRule,
            "There is no rule named \"\(id)\".",
            hint: "The rules are: \(known.joined(separator: ", "))."
        )
    }

    /// - thing: such as `invocations`.
    package static func ambiguousPrefix(_ prefix: String, of thing: String) -> Self {
        Self(
            .ambiguousPrefix,
            "The ids of several \(thing) begin with \"\(prefix)\".",
            hint: "Give more of its digits."
        )
    }

    package static var positionLost: Self {
        Self(
            .positionLost,
            "The daemon was restarted: what is logged now is another stream.",
            hint: "Ask anew, without a position."
        )
    }

    /// - explanation: file, key and what was expected, as the loader of plugins says it.
    package static func badPlugin(_ explanation: String) -> Self { Self(.badPlugin, explanation) }

    /// An event must be JSON, because the handler gets what it decodes to.
    package static func badEvent(_ failure: JSONFailure) -> Self {
        badBody("The event is not JSON: \(failure).", expected: "any JSON text, or nothing, which stands for {}")
    }

    package static func conflict(_ message: String, hint: String = "") -> Self {
        Self(.conflict, message, hint: hint)
    }

    /// Sizes are in bytes.
    package static func payloadTooLarge(_ size: Int, limit: Int) -> Self {
        Self(
            .payloadTooLarge,
            "The event has \(size) bytes; the most is \(limit), as on AWS Lambda.",
            hint: "Put the data into a file and its path into the event."
        )
    }

    package static func queueFull(_ message: String) -> Self {
        Self(
            .queueFull,
            message,
            hint: "Try again soon, or raise \"concurrency\" or \"queue\" in the plugin's manifest.",
            retryAfter: 1
        )
    }

    package static var shuttingDown: Self {
        Self(.shuttingDown, "The daemon is shutting down.", hint: "Try again when it is back.", retryAfter: 5)
    }

    package static func storage(_ message: String) -> Self {
        Self(.storage, message, hint: "\"loopwarden doctor\" says more.", retryAfter: 5)
    }

    package static func tooManyProvisioned(_ message: String) -> Self {
        Self(.badBody, message, hint: "Ask for fewer, or raise that in its manifest.")
    }

    package static func `internal`(_ message: String) -> Self {
        Self(.internal, message, hint: "This is a defect of Loopwarden; please report it with the daemon's log.")
    }
}

// Those that reading a request finds by itself.
extension APIFailure {
    static func unknownRoute(_ method: HTTPMethod, _ path: String) -> Self {
        let paths = ControlRoutes.all.map { "\($0.method.rawValue) \($0.path)" }
        return Self(
            .unknownRoute,
            "There is nothing at \(method.rawValue) \(path).",
            hint: "There is: \(paths.joined(separator: ", "))."
        )
    }

    static func methodNotAllowed(_ method: HTTPMethod, _ path: String, allowed: [HTTPMethod]) -> Self {
        let words = allowed.map(\.rawValue).joined(separator: ", ")
        var failure = Self(.methodNotAllowed, "\(path) does not take \(method.rawValue).", hint: "It takes \(words).")
        failure.allowed = allowed
        return failure
    }

    static func badParameter(_ name: String, _ value: String, expected: String) -> Self {
        Self(.badParameter, "The parameter \"\(name)\" is \"\(value)\".", hint: "Expected is \(expected).")
    }

    static func badBody(_ message: String, expected: String) -> Self {
        Self(.badBody, message, hint: "Expected is \(expected).")
    }
}
