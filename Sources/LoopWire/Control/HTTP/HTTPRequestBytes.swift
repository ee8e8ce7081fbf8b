/// A request as bytes of HTTP/1.1.
package enum HTTPRequestBytes {
    /// Writes one request.
    ///
    /// - Parameters:
    ///   - method: such as `GET`.
    ///   - target: path and query, encoded.
    ///   - accept: the media type of the reply.
    ///   - body: JSON.
    /// - Returns: what goes over the connection.
    package static func make(
        _ method: HTTPMethod,
        _ target: String,
        accept: String,
        body: [UInt8] = []
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256 + target.utf8.count + body.count)
        bytes += "\(method.rawValue) \(target) HTTP/1.1\r\nhost: loopwarden\r\naccept: \(accept)\r\n".utf8
        if !body.isEmpty || method == .post {
            bytes += "content-type: application/json\r\ncontent-length: \(body.count)\r\n".utf8
        }
        bytes += "\r\n".utf8
        bytes += body
        return bytes
    }
}
