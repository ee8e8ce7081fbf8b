import LoopModel
import LoopOS
package import LoopWire

/// The control API's client: one connection, kept for as many requests as come, one after the other.
package final class ControlClient {
    /// What the daemon answers from memory or from the store is there by then, in nanoseconds.
    private static let patience: Int64 = 30_000_000_000
    /// How long a daemon that is there may take to accept, when nobody says, in nanoseconds.
    private static let usualConnectTime: Int64 = 2_000_000_000

    /// Where the daemon is looked for, the likeliest first.
    package let paths: [String]
    private let connectTimeout: Duration?
    private let isRuntimeFolderKnown: Bool
    private var connection: Connection?

    private struct Connection {
        let stream: UnixStream
        let path: String
        var replies = HTTPReplyReader()
        /// Whether it has carried a request already, so that the daemon may have closed it meanwhile.
        var isUsed = false
    }

    /// Prepares a client, which connects when something is sent.
    ///
    /// - Parameters:
    ///   - paths: where the daemon may be.
    ///   - connectTimeout: for how long to try when nobody listens yet; nil: a daemon that is not there is an error.
    ///   - isRuntimeFolderKnown: false when a path is missing because `XDG_RUNTIME_DIR` is.
    package init(paths: [String], connectTimeout: Duration? = nil, isRuntimeFolderKnown: Bool = true) {
        self.paths = paths
        self.connectTimeout = connectTimeout
        self.isRuntimeFolderKnown = isRuntimeFolderKnown
    }

    /// Sends one request and waits for its reply.
    ///
    /// - Parameters:
    ///   - request: what is asked.
    ///   - event: of an invocation, as JSON.
    ///   - form: in which form a report shall answer.
    /// - Returns: the body of the reply to a request that succeeded.
    /// - Throws: ``CommandFailure``; ``CommandFailure/refused(_:)`` when the daemon said no.
    package func send(
        _ request: ControlRequest,
        event: [UInt8] = [],
        form: ReplyForm = .contract
    ) throws(CommandFailure) -> [UInt8] {
        let (method, target, fields) = request.encoded
        let body = fields.isEmpty ? event : fields
        let bytes = HTTPRequestBytes.make(method, target, accept: form.mediaType, body: body)
        let deadline = request.takesItsTime ? Int64.max : MonotonicClock.nanoseconds() + Self.patience
        let wasUsed = connection?.isUsed ?? false
        let reply: HTTPReply
        do throws(CommandFailure) {
            reply = try exchange(bytes, by: deadline)
        } catch {
            // The daemon closes connections that were idle for long; asking again what changes nothing is harmless.
            guard case .cut = error, wasUsed, method == .get else { throw error }
            reply = try exchange(bytes, by: deadline)
        }
        guard reply.isSuccess else { throw .refused(APIFailure(status: reply.status, body: reply.body)) }
        return reply.body
    }

    /// The path of the socket that answered last.
    package private(set) var answeringPath: String?

    private func exchange(_ bytes: [UInt8], by deadline: Int64) throws(CommandFailure) -> HTTPReply {
        var current: Connection
        if let connection { current = connection } else { current = try connect() }
        // Whatever goes wrong, the connection is of no use after it.
        connection = nil
        do throws(SocketFailure) {
            try current.stream.write(bytes, by: deadline)
        } catch {
            throw Self.failure(for: error, at: current.path)
        }
        let reply = try receive(from: &current, by: deadline)
        answeringPath = current.path
        current.isUsed = true
        if reply.keepsConnection { connection = current }
        return reply
    }

    private func receive(from connection: inout Connection, by deadline: Int64) throws(CommandFailure) -> HTTPReply {
        while true {
            do throws(HTTPFailure) {
                if let reply = try connection.replies.next() { return reply }
            } catch {
                throw .notUnderstood("\(error)")
            }
            let bytes: [UInt8]
            do throws(SocketFailure) {
                bytes = try connection.stream.read(upTo: 16_384, by: deadline)
            } catch {
                throw Self.failure(for: error, at: connection.path)
            }
            guard bytes.isEmpty else {
                connection.replies.append(bytes)
                continue
            }
            guard var reply = try? connection.replies.finish() else { throw .cut(path: connection.path) }
            reply.headers["connection"] = "close"
            return reply
        }
    }

    private func connect() throws(CommandFailure) -> Connection {
        let start = MonotonicClock.nanoseconds()
        let end = start + (connectTimeout?.nanoseconds ?? Self.usualConnectTime)
        var pause: Int64 = 5_000_000
        while true {
            for path in paths {
                do throws(SocketFailure) {
                    return Connection(stream: try UnixStream(path: path, by: end), path: path)
                } catch {
                    if case .notListening = error { continue }
                    throw Self.failure(for: error, at: path)
                }
            }
            // Several commands that wait for one daemon shall not all come at once.
            let jittered = Int64.random(in: pause / 2...pause)
            guard connectTimeout != nil, MonotonicClock.nanoseconds() + jittered < end else {
                let places = paths.map { (path: $0, exists: FileStamp(path: $0) != nil) }
                throw .noDaemon(places, isRuntimeFolderKnown: isRuntimeFolderKnown)
            }
            Pause.sleep(nanoseconds: jittered)
            pause = min(pause * 2, 100_000_000)
        }
    }

    private static func failure(for failure: SocketFailure, at path: String) -> CommandFailure {
        switch failure {
        case .notPermitted: .denied(path: path)
        case .overloaded, .timedOut: .silent(path: path)
        case .system: .cut(path: path)
        default: .socket(failure)
        }
    }
}

extension ControlRequest {
    /// Whether the reply may be long in coming: a handler's time is the handler's.
    fileprivate var takesItsTime: Bool {
        switch self {
        case .invoke, .recheck, .adoptRun: true
        default: false
        }
    }
}
