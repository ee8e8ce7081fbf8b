import Glibc
import LoopModel
import LoopOS

/// As little of AWS Lambda's Runtime API as a runtime needs, to measure runtimes that we did not write.
///
/// It hands out one event after the other as soon as it is asked, to as many runtimes as come, and takes the time from
/// handing out to the answer. No emulator stands between: what a runtime costs by itself is what is measured.
struct RuntimeAPIBenchmark {
    private static let path = "/2018-06-01/runtime/invocation/"
    /// How long a runtime may take to start, or to answer, in milliseconds.
    private static let patience: Int32 = 30_000

    let payload: [UInt8]
    /// Answers in all, of all runtimes together.
    let count: Int
    /// Answers before these.
    let warmUp: Int

    struct Figures {
        var load: LoadFigures
        /// When the first answer came, in nanoseconds of the monotonic clock, which the process that started the runtime
        /// reads as well; nil: there was none.
        var firstAnswerAt: Int64?
    }

    /// Serves until the last answer.
    ///
    /// - Parameter announce: is called with the port when runtimes may come.
    /// - Returns: what was measured.
    /// - Throws: when no runtime comes, none answers in time, or one says that something went wrong.
    func run(announce: (UInt16) -> Void) throws -> Figures {
        let (listener, address) = try LoopbackSocket.listen(on: LoopbackAddress((0, 0, 1), port: 0))
        announce(address.port)
        var runtimes: [Runtime] = []
        defer {
            runtimes.forEach { close($0.descriptor) }
            close(listener)
        }
        var sent: [Int64] = []
        var times: [Int64] = []
        var (firstAnswerAt, begun, ended): (Int64?, Int64, Int64) = (nil, 0, 0)
        var answers = 0
        while answers < warmUp + count {
            var entries = runtimes.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
            entries.append(pollfd(fd: listener, events: Int16(POLLIN), revents: 0))
            let ready = poll(&entries, nfds_t(entries.count), Self.patience)
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { throw BenchmarkFailure("no runtime asked or answered in time") }
            for (runtime, entry) in zip(runtimes, entries) where entry.revents != 0 {
                guard let request = try runtime.request() else { continue }
                let now = MonotonicClock.nanoseconds()
                switch try Call(request, path: Self.path) {
                case .next:
                    sent.append(0)
                    let bytes = event(sent.count - 1)
                    sent[sent.count - 1] = MonotonicClock.nanoseconds()
                    try runtime.send(bytes)
                case .answer(let number):
                    guard sent.indices.contains(number) else { throw BenchmarkFailure("an answer to no event") }
                    answers += 1
                    firstAnswerAt = firstAnswerAt ?? now
                    ended = now
                    if answers == warmUp + 1 { begun = sent[number] }
                    if answers > warmUp { times.append(now - sent[number]) }
                    try runtime.send(Self.accepted)
                }
            }
            runtimes.removeAll { runtime in
                if runtime.isClosed { close(runtime.descriptor) }
                return runtime.isClosed
            }
            if entries.last?.revents != 0 {
                let descriptor = accept(listener, nil, nil)
                if descriptor >= 0 { runtimes.append(Runtime(descriptor: descriptor)) }
            }
        }
        let load = LoadFigures(times: times, errors: 0, seconds: Double(ended - begun) / 1e9)
        return Figures(load: load, firstAnswerAt: firstAnswerAt)
    }

    private static let accepted = Array(
        "HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{\"status\":\"OK\"}\n"
            .utf8
    )

    private func event(_ number: Int) -> [UInt8] {
        let head = """
            HTTP/1.1 200 OK\r
            Content-Type: application/json\r
            Lambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-\(100_000_000_000 + number)\r
            Lambda-Runtime-Deadline-Ms: 4102444800000\r
            Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:012345678912:function:bench\r
            Content-Length: \(payload.count)\r
            \r

            """
        return Array(head.utf8) + payload
    }

    /// What a runtime wants.
    private enum Call {
        case next
        /// To the event of this number.
        case answer(Int)

        init(_ request: UnsafeRawBufferPointer, path: String) throws {
            let line = String(decoding: request.prefix { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
            let words = line.split(separator: " ")
            guard words.count == 3, words[1].hasPrefix(path) else {
                throw BenchmarkFailure("the runtime said: \(String(decoding: request.prefix(2000), as: UTF8.self))")
            }
            let rest = words[1].dropFirst(path.count)
            if words[0] == "GET", rest == "next" {
                self = .next
            } else if words[0] == "POST", rest.hasSuffix("/response"),
                let number = rest.dropLast("/response".count).split(separator: "-").last.flatMap({ Int($0) })
            {
                self = .answer(number - 100_000_000_000)
            } else {
                throw BenchmarkFailure("the runtime said: \(String(decoding: request.prefix(2000), as: UTF8.self))")
            }
        }
    }

    /// The connection of a runtime.
    private final class Runtime {
        let descriptor: Int32
        private(set) var isClosed = false
        private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
        private var received = 0

        init(descriptor: Int32) {
            self.descriptor = descriptor
            var on: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        }

        deinit { buffer.deallocate() }

        /// Reads what there is; nil while the request is not whole.
        func request() throws -> UnsafeRawBufferPointer? {
            let start = buffer.baseAddress.map { $0 + received }
            let count = recv(descriptor, start, buffer.count - received, 0)
            if count <= 0 {
                isClosed = count == 0 || errno != EINTR
                return nil
            }
            received += count
            let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<received])
            guard let head = HTTPHead(bytes), head.size <= received else {
                guard received < buffer.count else { throw BenchmarkFailure("a runtime's request is too long") }
                return nil
            }
            received = 0
            return bytes
        }

        func send(_ bytes: [UInt8]) throws {
            guard Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
                throw BenchmarkFailure("a runtime does not take what it is sent")
            }
        }
    }
}
