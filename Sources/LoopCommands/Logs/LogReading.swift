import LoopModel
import LoopOS
import LoopWire

/// Asks the daemon for lines of logs and prints them, for as long as somebody wants to follow.
struct LogReading {
    let client: ControlClient
    let printer: LogPrinter
    var filter: LogFilter

    func perform(follows: Bool) throws(CommandFailure) -> CommandStatus {
        if follows { Signals.endOnInterrupt() }
        let first = try reply(LogRequest(filter, follows ? .begin : .none))
        try printer.print(first.lines)
        guard follows else {
            if first.lines.isEmpty { printer.sayNothing() }
            return .ok
        }
        guard var position = first.position else { throw .notUnderstood("a log without a position") }
        // What follows is later anyway, and all of it is wanted.
        var next = filter
        next.since = nil
        while true {
            let reply: Reply
            do throws(CommandFailure) {
                reply = try self.reply(LogRequest(next, .after(position, wait: LogRequest.usualWait)))
            } catch {
                throw error.isEndOfDaemon ? .logEnded : error
            }
            if reply.missed > 0 { printer.say("\(reply.missed) lines came too fast and are left out here.") }
            try printer.print(reply.lines)
            position = reply.position ?? position
        }
    }

    private struct Reply {
        var lines: [JSON]
        var position: String?
        var missed: Int
    }

    private func reply(_ request: LogRequest) throws(CommandFailure) -> Reply {
        let bytes = try client.send(.logs(request))
        guard let value = try? JSONReader.value(of: bytes), let lines = value["lines"]?.elements else {
            throw .notUnderstood("a log without lines")
        }
        let stream = value["stream"]
        return Reply(lines: lines, position: stream?["position"]?.stringValue, missed: stream?["missed"]?.intValue ?? 0)
    }
}

extension CommandFailure {
    /// Whether the daemon that was asked before is there no more.
    fileprivate var isEndOfDaemon: Bool {
        switch self {
        case .noDaemon, .cut: true
        case .refused(let failure): [.positionLost, .shuttingDown].contains(failure.code)
        default: false
        }
    }
}
