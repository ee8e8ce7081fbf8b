import FoundationEssentials
import LoopModel

/// What a client of the AWS Lambda API asks for, as far as a folder of plugins can answer it.
package enum LambdaRequest: Hashable, Sendable {
    case invoke(LambdaInvocation)
    /// - marker: the name of the last function of the page before.
    case listFunctions(marker: String?, limit: Int)
    case function(LambdaFunctionReference)
    case configuration(LambdaFunctionReference)
    case versions(LambdaFunctionReference)
    case aliases(LambdaFunctionReference)
    case concurrency(LambdaFunctionReference)
    case eventInvokeConfig(LambdaFunctionReference)
    case urlConfig(LambdaFunctionReference)
    case tags(LambdaFunctionReference)
    case accountSettings

    /// The operations that are served, by AWS's names.
    package static let operations = [
        "Invoke", "InvokeAsync", "InvokeWithResponseStream", "ListFunctions", "GetFunction", "GetFunctionConfiguration",
        "ListVersionsByFunction", "ListAliases", "GetFunctionConcurrency", "GetFunctionEventInvokeConfig",
        "GetFunctionUrlConfig", "ListTags", "GetAccountSettings",
    ]

    /// Of one page, as on AWS.
    private static let longestList = 50

    /// Whether a path belongs to the Lambda API rather than to the control API: it begins with a date, which is AWS's
    /// version of the operation.
    package static func isMeant(by target: String) -> Bool {
        let bytes = Array(target.utf8.prefix(12))
        guard bytes.count == 12, bytes[0] == UInt8(ascii: "/"), bytes[11] == UInt8(ascii: "/") else { return false }
        return bytes[1...10].enumerated().allSatisfy { index, byte in
            index == 4 || index == 7
                ? byte == UInt8(ascii: "-") : (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
    }

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
        let parts = halves[0].split(separator: "/").map { PercentCoding.decode($0) ?? String($0) }
        let query = halves.count > 1 ? Self.parameters(halves[1]) : [:]
        func function() throws(LambdaFailure) -> LambdaFunctionReference { try reference(parts[2], query) }
        let kind = parts.dropFirst().first
        switch (method, parts.first, kind, parts.count, parts.last) {
        case (.get, "2015-03-31", "functions", 2, _):
            return .listFunctions(marker: query["Marker"], limit: try limit(query))
        case (.get, "2015-03-31", "functions", 3, _): return .function(try function())
        case (.get, "2015-03-31", "functions", 4, "configuration"): return .configuration(try function())
        case (.get, "2015-03-31", "functions", 4, "versions"): return .versions(try function())
        case (.get, "2015-03-31", "functions", 4, "aliases"): return .aliases(try function())
        case (.get, "2019-09-30", "functions", 4, "concurrency"): return .concurrency(try function())
        case (.get, "2019-09-25", "functions", 4, "event-invoke-config"): return .eventInvokeConfig(try function())
        case (.get, "2021-10-31", "functions", 4, "url"): return .urlConfig(try function())
        case (.get, "2017-03-31", "tags", 3, _): return .tags(try function())
        case (.get, "2016-08-19", "account-settings", 2, _): return .accountSettings
        case (.post, "2015-03-31", "functions", 4, "invocations"):
            return .invoke(try LambdaInvocation(of: function(), header: header))
        case (.post, "2021-11-15", "functions", 4, "response-streaming-invocations"):
            return .invoke(try LambdaInvocation(of: function(), streaming: true, header: header))
        case (.post, "2014-11-13", "functions", 4, "invoke-async"):
            var invocation = try LambdaInvocation(of: function(), header: header)
            invocation.type = .event
            return .invoke(invocation)
        default: throw .unknownRoute("\(method.rawValue) \(halves[0])")
        }
    }

    private static func limit(_ query: [String: String]) throws(LambdaFailure) -> Int {
        guard let text = query["MaxItems"] else { return longestList }
        guard let number = Int(text), (1...10_000).contains(number) else {
            throw .invalidParameter("MaxItems is \(text); expected is a number from 1 to 10000.")
        }
        return min(number, longestList)
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
    /// Whose data the function is to touch; nil: the caller says nothing of it.
    package var tenantID: String?
    /// Whether the answer is to come as a stream of events.
    package var isStreaming = false

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

    init(
        of function: LambdaFunctionReference,
        streaming isStreaming: Bool = false,
        header: (String) -> String?
    ) throws(LambdaFailure) {
        self.function = function
        self.isStreaming = isStreaming
        if let type = header("content-type"), Self.isForeign(type) { throw .unsupportedMediaType(type) }
        if let text = header("x-amz-invocation-type") {
            guard let type = InvocationType(rawValue: text) else {
                throw .invalidParameter(Self.expected(InvocationType.self, "X-Amz-Invocation-Type", found: text))
            }
            self.type = type
        }
        guard !isStreaming || type != .event else {
            throw .invalidParameter("X-Amz-Invocation-Type is Event; expected is one of RequestResponse, DryRun.")
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
        tenantID = header("x-amz-tenant-id")
    }

    /// Whether a content type says that the payload is something else than JSON.
    ///
    /// What clients send without a thought (curl's form, botocore's bytes) says nothing.
    private static func isForeign(_ type: String) -> Bool {
        let name = type.prefix { $0 != ";" }.lowercased().filter { !$0.isWhitespace }
        return ["image/", "audio/", "video/", "multipart/"].contains { name.hasPrefix($0) } || name.hasSuffix("+xml")
            || ["application/xml", "text/xml", "text/html", "text/csv"].contains(name)
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
