/// Reads replies of HTTP/1.1 from the bytes of a connection, as they come (RFC 9112, as far as a client of one known
/// server needs it).
package struct HTTPReplyReader: Sendable {
    /// Of status line and headers, in bytes.
    package static let longestHead = 65_536

    /// Of a body, in bytes.
    private let bodyLimit: Int
    private var buffer: [UInt8] = []
    private var state = State.head

    /// - Parameter bodyLimit: Longer bodies are refused before room is made for them, in bytes.
    package init(bodyLimit: Int = 256 << 20) {
        self.bodyLimit = bodyLimit
    }

    private enum State: Sendable {
        case head
        case body(HTTPReply, length: Int)
        case chunks(HTTPReply)
        /// The last chunk was read; trailers follow.
        case trailers(HTTPReply)
        /// Up to the end of the connection.
        case rest(HTTPReply)
    }

    /// Whether nothing of a reply has come yet.
    package var isEmpty: Bool {
        if case .head = state { buffer.isEmpty } else { false }
    }

    /// Takes in what was read from the connection.
    package mutating func append(_ bytes: [UInt8]) { buffer += bytes }

    /// The next reply, if all of it is there.
    ///
    /// - Throws: ``HTTPFailure``; the connection is of no use any more.
    package mutating func next() throws(HTTPFailure) -> HTTPReply? {
        while true {
            switch state {
            case .head:
                guard let end = Self.end(ofHead: buffer) else {
                    guard buffer.count <= Self.longestHead else { throw .headTooLong }
                    return nil
                }
                let reply = try Self.parse(head: buffer[..<end])
                buffer.removeFirst(end)
                // An interim reply says nothing.
                if (100..<200).contains(reply.status) { continue }
                state = try bodyState(of: reply)
            case .body(var reply, let length):
                guard buffer.count >= length else { return nil }
                reply.body = Array(buffer[..<length])
                buffer.removeFirst(length)
                state = .head
                return reply
            case .chunks(var reply):
                guard let (size, start) = try chunkHead() else { return nil }
                guard reply.body.count + size <= bodyLimit else { throw .bodyTooLong(limit: bodyLimit) }
                if size == 0 {
                    buffer.removeFirst(start)
                    state = .trailers(reply)
                    continue
                }
                guard buffer.count >= start + size + 2 else { return nil }
                guard buffer[start + size] == 13, buffer[start + size + 1] == 10 else {
                    throw .malformed("a chunk does not end where it should")
                }
                reply.body += buffer[start..<start + size]
                buffer.removeFirst(start + size + 2)
                state = .chunks(reply)
            case .trailers(let reply):
                guard let line = Self.line(in: buffer) else { return nil }
                buffer.removeFirst(line.next)
                if line.text.isEmpty {
                    state = .head
                    return reply
                }
            case .rest:
                guard buffer.count <= bodyLimit else { throw .bodyTooLong(limit: bodyLimit) }
                return nil
            }
        }
    }

    /// What there is when the server has closed the connection: the reply whose end that is, if any.
    ///
    /// - Throws: ``HTTPFailure`` when a reply was cut off.
    package mutating func finish() throws(HTTPFailure) -> HTTPReply? {
        guard case .rest(var reply) = state else {
            if isEmpty { return nil }
            throw .malformed("the connection ended in the middle of it")
        }
        reply.body = buffer
        (buffer, state) = ([], .head)
        return reply
    }

    private func bodyState(of reply: HTTPReply) throws(HTTPFailure) -> State {
        if reply.status == 204 || reply.status == 304 { return .body(reply, length: 0) }
        if let coding = reply.headers["transfer-encoding"] {
            guard coding.lowercased() == "chunked" else { throw .malformed("the transfer coding \"\(coding)\"") }
            return .chunks(reply)
        }
        guard let text = reply.headers["content-length"] else { return .rest(reply) }
        guard let length = Int(text), length >= 0, text.utf8.allSatisfy({ (48...57).contains($0) }) else {
            throw .malformed("the content length \"\(text)\"")
        }
        guard length <= bodyLimit else { throw .bodyTooLong(limit: bodyLimit) }
        return .body(reply, length: length)
    }

    /// The size of the chunk that begins the buffer, and where its bytes begin.
    private func chunkHead() throws(HTTPFailure) -> (size: Int, start: Int)? {
        guard let line = Self.line(in: buffer) else {
            guard buffer.count <= 1024 else { throw .malformed("a chunk's size is too long") }
            return nil
        }
        let digits = line.text.prefix { $0 != UInt8(ascii: ";") && $0 != 32 }
        guard !digits.isEmpty, digits.count <= 15, digits.allSatisfy(isHexadecimal),
            let size = Int(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw .malformed("a chunk's size") }
        return (size, line.next)
    }

    private static func parse(head: ArraySlice<UInt8>) throws(HTTPFailure) -> HTTPReply {
        var lines = head.split(separator: 10).map { $0.last == 13 ? $0.dropLast() : $0 }.filter { !$0.isEmpty }
        guard !lines.isEmpty else { throw .malformed("an empty head") }
        let statusLine = String(decoding: lines.removeFirst(), as: UTF8.self)
        let words = statusLine.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0] == "HTTP/1.1" || words[0] == "HTTP/1.0", words[1].utf8.count == 3,
            let status = Int(words[1]), status >= 100
        else { throw .malformed("it begins with \"\(statusLine.prefix(40))\"") }
        var reply = HTTPReply(status: status)
        if words[0] == "HTTP/1.0" { reply.headers["connection"] = "close" }
        for line in lines {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { throw .malformed("a header without \":\"") }
            let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
            let value = line[(colon + 1)...].drop { $0 == 32 || $0 == 9 }
            let trailing = value.reversed().prefix { $0 == 32 || $0 == 9 }.count
            reply.headers[name] = String(decoding: value.dropLast(trailing), as: UTF8.self)
        }
        return reply
    }

    /// Where the empty line that ends the head ends.
    private static func end(ofHead bytes: [UInt8]) -> Int? {
        var lineStart = 0
        for index in bytes.indices.prefix(longestHead) where bytes[index] == 10 {
            let isBlank = index == lineStart || index == lineStart + 1 && bytes[lineStart] == 13
            if isBlank, lineStart > 0 { return index + 1 }
            lineStart = index + 1
        }
        return nil
    }

    private static func line(in bytes: [UInt8]) -> (text: ArraySlice<UInt8>, next: Int)? {
        guard let end = bytes.firstIndex(of: 10) else { return nil }
        let text = bytes[..<end]
        return (text.last == 13 ? text.dropLast() : text, end + 1)
    }
}
