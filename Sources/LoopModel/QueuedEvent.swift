/// An event that a function gets later, with nobody who waits for the answer.
package struct QueuedEvent: Hashable, Sendable {
    /// The request id, the same over all tries.
    package var id: InvocationID
    package var function: FunctionName
    /// JSON text.
    package var payload: String
    /// JSON text; nil when there is none.
    package var clientContext: String?
    package var traceID: String?
    package var requestedAt: WallTime
    /// How often the function has had it; what it was never given to a function for does not count.
    package var tries = 0
    /// When it is to be tried next.
    package var dueAt: WallTime

    package init(
        id: InvocationID,
        function: FunctionName,
        payload: String,
        clientContext: String? = nil,
        traceID: String? = nil,
        requestedAt: WallTime
    ) {
        self.id = id
        self.function = function
        self.payload = payload
        self.clientContext = clientContext
        self.traceID = traceID
        self.requestedAt = requestedAt
        dueAt = requestedAt
    }
}

/// What is done about events that a function does not take; AWS Lambda's defaults (facts: lambda §8).
package struct EventPolicy: Hashable, Sendable {
    /// How often an event is tried again after the function has failed.
    package var retries = 2
    /// An event that is older is given up.
    package var maximumAge: Duration = .seconds(21_600)
    package var onSuccess: EventDestination?
    package var onFailure: EventDestination?

    package init() {}
}

/// Where it is told what became of an event.
package enum EventDestination: Hashable, Sendable, CustomStringConvertible {
    /// Another function gets the record as an event of its own.
    case function(FunctionName)
    /// A program gets it on its standard input; with its arguments, never through a shell.
    case command([String])
    /// A line is added to a file; absolute.
    case file(String)

    package var description: String {
        switch self {
        case .function(let name): "function \(name)"
        case .command(let words): "command \(words.joined(separator: " "))"
        case .file(let path): "file \(path)"
        }
    }
}
