import FoundationEssentials
package import LoopModel

/// A request to a function as AWS Lambda's function URLs take it: `/lambda-url/<function>/<path>?<query>`.
package struct FunctionURL: Hashable, Sendable {
    private static let prefix = "/lambda-url/"

    package var function: FunctionName
    package var method: String
    /// Percent-encoded as it came; begins with a slash.
    package var path: String
    /// As it came, without the question mark.
    package var query: String
    /// In the order in which they came.
    package var headers: [Header]
    package var body: [UInt8]

    /// A header's name in lower case, and its value.
    package struct Header: Hashable, Sendable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name.lowercased()
            self.value = value
        }
    }

    /// Whether a path is for this rather than for another API.
    package static func isMeant(by target: String) -> Bool { target.hasPrefix(prefix) }

    /// - Returns: nil when the path names nothing that could be a function.
    package init?(_ method: String, _ target: String, headers: [Header], body: [UInt8]) {
        guard Self.isMeant(by: target) else { return nil }
        let halves = target.dropFirst(Self.prefix.count)
            .split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let parts = halves[0].split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = FunctionName(rawValue: String(parts[0])) else { return nil }
        function = name
        self.method = method
        path = "/" + (parts.count > 1 ? parts[1] : "")
        query = halves.count > 1 ? String(halves[1]) : ""
        self.headers = headers
        self.body = body
    }

    /// The event that the function gets, in payload format 2.0.
    ///
    /// - Parameters:
    ///   - id: of the request.
    ///   - time: when it came.
    ///   - address: whose it is.
    /// - Returns: the event.
    package func event(_ id: InvocationID, at time: WallTime, from address: String) -> JSON {
        let joined = Dictionary(grouping: headers.filter { $0.name != "cookie" }, by: \.name)
            .mapValues { $0.map(\.value).joined(separator: ",") }
        let host = joined["host"] ?? "localhost"
        var members: [JSON.Member] = [
            .init("version", "2.0"),
            .init("routeKey", "$default"),
            .init("rawPath", .string(path)),
            .init("rawQueryString", .string(query)),
        ]
        let cookies = headers.filter { $0.name == "cookie" }
            .flatMap { $0.value.split(separator: ";").map { String($0.drop { $0 == " " }) } }
        if !cookies.isEmpty { members.append(.init("cookies", .array(cookies.map(JSON.string)))) }
        members.append(.init("headers", Self.object(joined)))
        if !query.isEmpty { members.append(.init("queryStringParameters", Self.object(parameters))) }
        members.append(
            .init(
                "requestContext",
                [
                    "accountId": "anonymous",
                    "apiId": .string(function.rawValue),
                    "domainName": .string(host),
                    "domainPrefix": .string(function.rawValue),
                    "http": [
                        "method": .string(method),
                        "path": .string(path),
                        "protocol": "HTTP/1.1",
                        "sourceIp": .string(address),
                        "userAgent": .string(joined["user-agent"] ?? ""),
                    ],
                    "requestId": .string(id.rawValue),
                    "routeKey": "$default",
                    "stage": "$default",
                    "time": .string(Self.logTime(time)),
                    "timeEpoch": .int(time.nanoseconds / 1_000_000),
                ]
            )
        )
        if !body.isEmpty {
            let text = isText ? String(validating: body, as: UTF8.self) : nil
            members.append(.init("body", .string(text ?? Data(body).base64EncodedString())))
            members.append(.init("isBase64Encoded", .bool(text == nil)))
        } else {
            members.append(.init("isBase64Encoded", false))
        }
        return .object(members)
    }

    /// Of equal names, the values joined by commas.
    private var parameters: [String: String] {
        let pairs = query.split(separator: "&").map { pair in
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            func decoded(_ text: Substring) -> String {
                PercentCoding.decode(Substring(text.replacing("+", with: " "))) ?? String(text)
            }
            return (decoded(halves[0]), halves.count > 1 ? decoded(halves[1]) : "")
        }
        return Dictionary(pairs) { "\($0),\($1)" }
    }

    /// Whether AWS takes the body for text, by its declared type.
    private var isText: Bool {
        let type = headers.first { $0.name == "content-type" }?.value.lowercased() ?? "text/plain"
        return type.hasPrefix("text/")
            || ["application/json", "application/xml", "application/javascript", "+json", "+xml"]
                .contains { type.contains($0) }
    }

    private static func object(_ values: [String: String]) -> JSON {
        .object(values.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .string($0.value)) })
    }

    /// `12/Mar/2020:19:03:58 +0000`.
    private static func logTime(_ time: WallTime) -> String {
        let text = time.rfc3339
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let parts = text.prefix(10).split(separator: "-")
        guard parts.count == 3, let month = Int(parts[1]), months.indices.contains(month - 1) else { return text }
        return "\(parts[2])/\(months[month - 1])/\(parts[0]):\(text.dropFirst(11).prefix(8)) +0000"
    }
}

/// What the caller of a function URL gets.
package struct FunctionURLReply: Hashable, Sendable {
    package var status = 200
    package var headers: [FunctionURL.Header] = []
    package var body: [UInt8]

    /// Those that a server makes itself.
    private static let ownHeaders: Set<String> = ["connection", "content-length", "date", "transfer-encoding"]

    /// Reads what a function returned: an object with `statusCode`, or else anything, which is the body of a 200.
    ///
    /// - Returns: nil when it is no JSON, or its parts are not what they have to be.
    package init?(result: [UInt8]) {
        guard let value = try? JSONReader.value(of: result.isEmpty ? Array("null".utf8) : result) else { return nil }
        guard value["statusCode"] != nil else {
            headers = [.init("content-type", "application/json")]
            body = value.stringValue.map { Array($0.utf8) } ?? result
            return
        }
        guard let status = value["statusCode"]?.intValue ?? value["statusCode"]?.stringValue.flatMap({ Int($0) }),
            (100...599).contains(status)
        else { return nil }
        self.status = status
        if case .object(let members)? = value["headers"] {
            for member in members where !Self.ownHeaders.contains(member.key.lowercased()) {
                headers.append(.init(member.key, member.value.stringValue ?? member.value.text))
            }
        }
        for cookie in value["cookies"]?.elements ?? [] {
            headers.append(.init("set-cookie", cookie.stringValue ?? cookie.text))
        }
        // A value with a line feed in it would be another header.
        guard headers.allSatisfy({ !$0.value.utf8.contains { $0 == 10 || $0 == 13 || $0 == 0 } }) else { return nil }
        if !headers.contains(where: { $0.name == "content-type" }) {
            headers.append(.init("content-type", "application/json"))
        }
        let text = value["body"].map { $0.stringValue ?? ($0 == .null ? "" : $0.text) } ?? ""
        if value["isBase64Encoded"] == .bool(true) {
            guard let decoded = Data(base64Encoded: text) else { return nil }
            body = Array(decoded)
        } else {
            body = Array(text.utf8)
        }
    }
}
