import Glibc
import LoopOS
import LoopWire

/// A server on a unix socket that answers each request as the test says, byte for byte.
final class ScriptedServer: Sendable {
    struct Request: Sendable {
        var line: String
        var headers: [String]
        var body: String
    }

    enum Answer: Sendable {
        case bytes(String)
        case lastBytes(String)
        case hangUp
    }

    let path: String
    private let listener: Int32
    private let log = Locked<(requests: [Request], connections: Int)>(([], 0))
    private let script: @Sendable (Request) -> Answer

    init(in folder: String, _ script: @escaping @Sendable (Request) -> Answer) throws {
        path = "\(folder)/api.sock"
        listener = try UnixSocket.listen(path, mode: 0o600)
        self.script = script
        let listener = listener
        try PosixThread.start(named: "scripted") { [self] in
            while true {
                var entry = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
                guard poll(&entry, 1, -1) >= 0 || errno == EINTR else { return }
                // Stopped: accept would say EAGAIN for ever.
                if entry.revents & Int16(POLLHUP) != 0 { return }
                let connection = accept(listener, nil, nil)
                if connection < 0 {
                    if errno == EAGAIN || errno == EINTR { continue }
                    return
                }
                log.withLock { $0.connections += 1 }
                serve(connection)
                close(connection)
            }
        }
    }

    /// Lets the accepting thread end.
    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
    }

    var requests: [Request] { log.withLock(\.requests) }
    var connections: Int { log.withLock(\.connections) }

    private func serve(_ connection: Int32) {
        var buffer: [UInt8] = []
        while let request = read(from: connection, &buffer) {
            log.withLock { $0.requests.append(request) }
            switch script(request) {
            case .bytes(let text): send(text, to: connection)
            case .lastBytes(let text):
                send(text, to: connection)
                return
            case .hangUp: return
            }
        }
    }

    private func send(_ text: String, to connection: Int32) {
        try? Descriptor.writeAll(Array(text.utf8), to: connection)
    }

    private func read(from connection: Int32, _ buffer: inout [UInt8]) -> Request? {
        while true {
            if let end = endOfHead(in: buffer) {
                let lines = String(decoding: buffer[..<end], as: UTF8.self).split(separator: "\r\n").map(String.init)
                let length = lines.first { $0.hasPrefix("content-length: ") }.flatMap { Int($0.dropFirst(16)) } ?? 0
                if buffer.count >= end + length {
                    let body = String(decoding: buffer[end..<end + length], as: UTF8.self)
                    buffer.removeFirst(end + length)
                    return Request(line: lines.first ?? "", headers: lines, body: body)
                }
            }
            guard let bytes = try? Descriptor.read(connection, upTo: 4096), !bytes.isEmpty else { return nil }
            buffer += bytes
        }
    }

    private func endOfHead(in bytes: [UInt8]) -> Int? {
        var index = 3
        while index < bytes.count {
            if bytes[index] == 10, bytes[index - 2] == 10 { return index + 1 }
            index += 1
        }
        return nil
    }
}

/// A reply of HTTP/1.1 with a body of JSON.
func http(_ body: String, status: String = "200 OK", headers: String = "") -> String {
    "HTTP/1.1 \(status)\r\ncontent-type: application/json\r\n\(headers)content-length: \(body.utf8.count)\r\n\r\n\(body)"
}
