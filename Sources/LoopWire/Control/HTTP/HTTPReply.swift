/// A whole reply, as a client reads it.
package struct HTTPReply: Hashable, Sendable {
    package var status: Int
    /// Names in lower case.
    package var headers: [String: String]
    package var body: [UInt8]

    package init(status: Int, headers: [String: String] = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Whether the request did what it was to do.
    package var isSuccess: Bool { (200..<300).contains(status) }

    /// Whether the connection can carry another request.
    package var keepsConnection: Bool { headers["connection"]?.lowercased() != "close" }
}
