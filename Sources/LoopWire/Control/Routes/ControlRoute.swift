import LoopModel

/// One route of the control API, declared once: requests are read with it, and the OpenAPI document is made of it.
package struct ControlRoute: Sendable {
    package let method: HTTPMethod
    /// With parameters in braces, as in `/v1/functions/{name}`.
    package let path: String
    /// OpenAPI's `operationId`.
    package let operation: String
    /// One sentence for people.
    package let summary: String
    package let pathParameters: [any DescribedParameter]
    package let query: [any DescribedParameter]
    package let body: Body
    package let reply: Reply
    /// Beside those that every route can answer with.
    package let failures: [APIFailure.Code]
    let read: @Sendable (RouteArguments) throws(APIFailure) -> ControlRequest
    /// ``path``, cut at its slashes.
    let segments: [Segment]

    init(
        _ method: HTTPMethod,
        _ path: String,
        _ operation: String,
        _ summary: String,
        parameters: [any DescribedParameter] = [],
        query: [any DescribedParameter] = [],
        body: Body = .none,
        reply: Reply,
        failures: [APIFailure.Code] = [],
        read: @escaping @Sendable (RouteArguments) throws(APIFailure) -> ControlRequest
    ) {
        self.method = method
        self.path = path
        self.operation = operation
        self.summary = summary
        pathParameters = parameters
        self.query = query
        self.body = body
        self.reply = reply
        self.failures = failures
        self.read = read
        segments = path.split(separator: "/").map { part in
            part.hasPrefix("{") ? .parameter(String(part.dropFirst().dropLast())) : .literal(String(part))
        }
    }

    /// What a request carries.
    package enum Body: Hashable, Sendable {
        case none
        /// An object that matches the schema of this name.
        case object(schema: String)
        /// The event of an invocation: any JSON, or nothing, which stands for `{}`.
        case event
    }

    /// What a success answers with: its status, and the name of the schema of its JSON.
    package struct Reply: Hashable, Sendable {
        package var status = 200
        package var schema: String
        /// Whether there is a document form as well.
        package var isReport: Bool

        static func report(_ schema: String, status: Int = 200) -> Self {
            Self(status: status, schema: schema, isReport: true)
        }

        static func object(_ schema: String, status: Int = 200) -> Self {
            Self(status: status, schema: schema, isReport: false)
        }
    }

    enum Segment: Hashable, Sendable {
        case literal(String)
        case parameter(String)
    }

    /// The values of the path's parameters if the path is this route's, else nil.
    func match(_ parts: [Substring]) -> [String: Substring]? {
        guard parts.count == segments.count else { return nil }
        var values: [String: Substring] = [:]
        for (segment, part) in zip(segments, parts) {
            switch segment {
            case .literal(let word): guard part == word else { return nil }
            case .parameter(let name): values[name] = part
            }
        }
        return values
    }
}
