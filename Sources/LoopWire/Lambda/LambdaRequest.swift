import FoundationEssentials
import LoopModel

/// What a client of the AWS Lambda API asks for (API version 2015-03-31), as far as a folder of plugins can answer it.
package enum LambdaRequest: Hashable, Sendable {
    case invoke(LambdaInvocation)
    /// - marker: the name of the last function of the page before.
    case listFunctions(marker: String?, limit: Int)
    case function(LambdaFunctionReference)
    case configuration(LambdaFunctionReference)

    private static let root = "2015-03-31"
    /// Of one page, as on AWS.
    private static let longestList = 50

    /// Whether a path belongs to the Lambda API rather than to the control API.
    package static func isMeant(by target: String) -> Bool { target.hasPrefix("/\(root)/") }

    /// Reads the line and the headers of a request; the payload stays where it is.
    ///
    /// - Parameters:
    ///   - method: of the request line.
    ///   - target: path and query as they are in the request line.
    ///   - header: the value of a header, by its name in lower case.
    /// - Returns: what is asked.
    /// - Throws: ``LambdaFailure``, as AWS answers.
    package static func read(
        _ method: HTTPMethod,
        _ target: String,
        header: (String) -> String?
    ) throws(LambdaFailure) -> LambdaRequest {
        let halves = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let parts = halves[0].split(separator: "/").dropFirst().map { PercentCoding.decode($0) ?? String($0) }
        let query = halves.count > 1 ? Self.parameters(halves[1]) : [:]
        guard parts.first == "functions" else { throw .unknownRoute(String(halves[0])) }
        switch (method, parts.count, parts.last) {
        case (.get, 1, _):
            let limit = try query["MaxItems"].map { (text) throws(LambdaFailure) in
                guard let number = Int(text), (1...10_000).contains(number) else {
                    throw LambdaFailure.invalidParameter("MaxItems is \(text); expected is a number from 1 to 10000.")
                }
                return min(number, longestList)
            }
            return .listFunctions(marker: query["Marker"], limit: limit ?? longestList)
        case (.get, 2, _): return .function(try reference(parts[1], query))
        case (.get, 3, "configuration"): return .configuration(try reference(parts[1], query))
        case (.post, 3, "invocations"):
            return .invoke(try LambdaInvocation(of: reference(parts[1], query), header: header))
        default: throw .unknownRoute(String(halves[0]))
        }
    }

    private static func reference(
        _ text: String,
        _ query: [String: String]
    ) throws(LambdaFailure) -> LambdaFunctionReference {
        var reference = try LambdaFunctionReference(text)
        if let qualifier = query["Qualifier"] {
            guard reference.qualifier == nil || reference.qualifier == qualifier else {
                throw .invalidParameter(
                    "The derived qualifier from the function name does not match the specified qualifier."
                )
            }
            reference.qualifier = qualifier
        }
        return reference
    }

    private static func parameters(_ query: Substring) -> [String: String] {
        let pairs = query.split(separator: "&").map { pair in
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = halves.count > 1 ? halves[1] : ""
            return (String(halves[0]), PercentCoding.decode(value) ?? String(value))
        }
        return Dictionary(pairs) { first, _ in first }
    }
}

/// An invocation as a client of the Lambda API orders it, without its payload.
package struct LambdaInvocation: Hashable, Sendable {
    package var function: LambdaFunctionReference
    package var type = InvocationType.requestResponse
    /// Whether the end of the log is to come with the answer.
    package var wantsLog = false
    /// JSON text, decoded; nil when there is none.
    package var clientContext: String?
    /// As it is handed on to the function; nil: one is made.
    package var traceID: String?

    /// Who waits for what.
    package enum InvocationType: String, Hashable, Sendable, CaseIterable {
        case requestResponse = "RequestResponse"
        /// The payload is queued, and nobody waits.
        case event = "Event"
        /// Only whether it could be invoked.
        case dryRun = "DryRun"

        /// The longest payload, in bytes (facts: lambda §2).
        package var payloadLimit: Int { self == .event ? 1 << 20 : 6 << 20 }
    }

    /// In bytes, encoded (facts: lambda §2).
    private static let longestContext = 3583

    init(of function: LambdaFunctionReference, header: (String) -> String?) throws(LambdaFailure) {
        self.function = function
        if let text = header("x-amz-invocation-type") {
            guard let type = InvocationType(rawValue: text) else {
                throw .invalidParameter(Self.expected(InvocationType.self, "X-Amz-Invocation-Type", found: text))
            }
            self.type = type
        }
        switch header("x-amz-log-type") {
        case nil, "None": break
        case "Tail": wantsLog = true
        case .some(let text):
            throw .invalidParameter("X-Amz-Log-Type is \(text); expected is one of None, Tail.")
        }
        clientContext = try header("x-amz-client-context").map { (text) throws(LambdaFailure) in
            try Self.context(text)
        }
        traceID = header("x-amzn-trace-id")
    }

    private static func context(_ text: String) throws(LambdaFailure) -> String {
        guard text.utf8.count <= longestContext else {
            throw .badClientContext(
                "Client context must be no more than \(longestContext) bytes when base64-encoded; it is \(text.utf8.count)."
            )
        }
        guard let bytes = Data(base64Encoded: text), (try? JSONReader.members(of: Array(bytes))) != nil else {
            throw .badClientContext("Client context must be a valid Base64-encoded JSON object.")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func expected<Choice: RawRepresentable & CaseIterable>(
        _ choice: Choice.Type,
        _ name: String,
        found: String
    ) -> String where Choice.RawValue == String {
        "\(name) is \(found); expected is one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))."
    }
}
