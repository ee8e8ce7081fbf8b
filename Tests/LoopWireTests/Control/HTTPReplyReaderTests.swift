import LoopWire
import Testing

@Suite("Reading replies of HTTP/1.1") struct HTTPReplyReaderTests {
    private func replies(_ text: String, inPartsOf size: Int, limit: Int = 1000) throws(HTTPFailure) -> [HTTPReply] {
        var reader = HTTPReplyReader(bodyLimit: limit)
        var replies: [HTTPReply] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            reader.append(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
            while let reply = try reader.next() { replies.append(reply) }
        }
        if let reply = try reader.finish() { replies.append(reply) }
        return replies
    }

    @Test("gives the same however the bytes come", arguments: [1, 2, 3, 7, 1000])
    func parts(_ size: Int) throws {
        let text =
            "HTTP/1.1 100 Continue\r\n\r\n"
            + "HTTP/1.1 200 OK\r\nContent-Type:  application/json \r\ncontent-length: 5\r\n\r\nhello"
            + "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nt: 1\r\n\r\n"
            + "HTTP/1.1 204 No Content\r\n\r\n"
            + "HTTP/1.0 200 OK\n\nup to the end"
        let replies = try replies(text, inPartsOf: size)
        #expect(replies.map(\.status) == [200, 404, 204, 200])
        #expect(
            replies.map { String(decoding: $0.body, as: UTF8.self) } == ["hello", "abc0123456789", "", "up to the end"]
        )
        #expect(replies[0].headers["content-type"] == "application/json")
        #expect(replies.map(\.keepsConnection) == [true, true, true, false])
    }

    @Test(
        "refuses what is no reply",
        arguments: [
            "SSH-2.0-x\r\n\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 20\r\n\r\n",
            "HTTP/1.1 200 OK\r\nnonsense\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: +1\r\n\r\nx", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n-1\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nabcd\r\n", "HTTP/1.1 200 OK\r\nhalf a head",
        ]
    )
    func nonsense(_ text: String) {
        #expect(throws: HTTPFailure.self) { try replies(text, inPartsOf: 5) }
    }

    @Test(
        "makes no room for more than it takes",
        arguments: [
            "content-length: 1001\r\n\r\n", "content-length: 9223372036854775807\r\n\r\n",
            "transfer-encoding: chunked\r\n\r\n7fffffffffffff\r\n", "\r\n\(String(repeating: "x", count: 1001))",
        ]
    )
    func limits(_ rest: String) {
        #expect(throws: HTTPFailure.bodyTooLong(limit: 1000)) {
            try replies("HTTP/1.1 200 OK\r\n" + rest, inPartsOf: 9999)
        }
    }

    @Test("gives up on a head without end")
    func endlessHead() {
        let text = "HTTP/1.1 200 OK\r\n" + String(repeating: "a: b\r\n", count: 20_000)
        #expect(throws: HTTPFailure.headTooLong) { try replies(text, inPartsOf: 4096) }
    }

    @Test("writes requests that say how long their body is")
    func requests() {
        let get = HTTPRequestBytes.make(.get, "/v1/status", accept: "a/b")
        #expect(
            String(decoding: get, as: UTF8.self) == "GET /v1/status HTTP/1.1\r\nhost: loopwarden\r\naccept: a/b\r\n\r\n"
        )
        let post = String(decoding: HTTPRequestBytes.make(.post, "/v1/recheck", accept: "a/b"), as: UTF8.self)
        #expect(post.contains("\r\ncontent-length: 0\r\n"))
    }
}
