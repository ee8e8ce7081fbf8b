/// What a server said that is no HTTP/1.1 reply, or more of it than a client takes.
package enum HTTPFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The text says which part.
    case malformed(String)
    /// Status line and headers are longer than ``HTTPReplyReader/longestHead``.
    case headTooLong
    /// The body is longer than the client allows, in bytes.
    case bodyTooLong(limit: Int)

    package var description: String {
        switch self {
        case .malformed(let what): "the reply is not HTTP/1.1: \(what)"
        case .headTooLong: "the reply's headers are longer than \(HTTPReplyReader.longestHead) bytes"
        case .bodyTooLong(let limit): "the reply is longer than \(limit) bytes"
        }
    }
}
