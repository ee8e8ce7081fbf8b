// A function in one file, on nothing but the C library and AWS Lambda's Runtime API:
//
//     swiftc -O -o bootstrap main.swift
//
// swift-aws-lambda-runtime does the same with more comfort; what it speaks is this.
import Glibc

/// What the function does: it greets, and gives back its event.
func handle(_ event: String) -> Result<String, FunctionError> {
    if event.contains("\"fail\": true") {
        return .failure(FunctionError(type: "Refused", message: "the event says so"))
    }
    return .success("{\"greeting\": \"Hello from Swift!\", \"event\": \(event)}")
}

struct FunctionError: Error {
    var type: String
    var message: String

    var json: String { "{\"errorMessage\": \"\(message)\", \"errorType\": \"\(type)\"}" }
}

/// One connection to the Runtime API, which is kept.
struct RuntimeAPI {
    private let descriptor: Int32
    private let address: String

    init?(_ address: String) {
        self.address = address
        let parts = address.split(separator: ":")
        guard parts.count == 2, let port = UInt16(parts[1]) else { return nil }
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = port.bigEndian
        guard inet_pton(AF_INET, String(parts[0]), &place.sin_addr) == 1 else { return nil }
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let connected = withUnsafePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { return nil }
    }

    /// Sends one request and waits for its answer; headers' names are in small letters.
    func ask(_ method: String, _ path: String, _ body: String = "") -> (headers: [String: String], body: String)? {
        let head = "\(method) /2018-06-01/runtime/\(path) HTTP/1.1\r\nHost: \(address)\r\n"
        guard send(head + "Content-Length: \(body.utf8.count)\r\n\r\n" + body) else { return nil }
        var received: [UInt8] = []
        var headers: [String: String] = [:]
        while true {
            if let end = endOfHead(received) {
                for line in String(decoding: received[..<end], as: UTF8.self).split(separator: "\r\n").dropFirst() {
                    guard let colon = line.firstIndex(of: ":") else { continue }
                    headers[line[..<colon].lowercased()] = String(line[colon...].dropFirst().drop { $0 == " " })
                }
                let length = headers["content-length"].flatMap { Int($0) } ?? 0
                while received.count < end + 4 + length { guard receive(&received) else { return nil } }
                return (headers, String(decoding: received[(end + 4)...], as: UTF8.self))
            }
            guard receive(&received) else { return nil }
        }
    }

    private func endOfHead(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        return (0...(bytes.count - 4)).first { Array(bytes[$0..<$0 + 4]) == [13, 10, 13, 10] }
    }

    private func send(_ text: String) -> Bool {
        var rest = ArraySlice(Array(text.utf8))
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard sent > 0 else { return false }
            rest = rest.dropFirst(sent)
        }
        return true
    }

    private func receive(_ bytes: inout [UInt8]) -> Bool {
        var part = [UInt8](repeating: 0, count: 65_536)
        let count = read(descriptor, &part, part.count)
        bytes += part.prefix(max(count, 0))
        return count > 0
    }
}

guard let address = getenv("AWS_LAMBDA_RUNTIME_API"), let api = RuntimeAPI(String(cString: address)) else {
    fputs("AWS_LAMBDA_RUNTIME_API names nobody who listens\n", stderr)
    exit(1)
}
while let invocation = api.ask("GET", "invocation/next"),
    let id = invocation.headers["lambda-runtime-aws-request-id"]
{
    let accepted =
        switch handle(invocation.body) {
        case .success(let result): api.ask("POST", "invocation/\(id)/response", result)
        case .failure(let error): api.ask("POST", "invocation/\(id)/error", error.json)
        }
    guard accepted != nil else { break }
}
