import LoopModel
import LoopOS
import LoopWire

/// Asks the daemon for lines of logs and prints them, for as long as somebody wants to follow.
struct LogReading {
    let client: ControlClient
    let printer: LogPrinter
    var filter: LogFilter

    func perform(follows: Bool) throws(CommandFailure) -> CommandStatus {
        guard follows else {
            try printPast()
            return .ok
        }
        Signals.endOnInterrupt()
        let first = try reply(LogRequest(filter, .begin))
        try printer.print(first.lines)
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

    /// Prints the newest lines that are wanted, however long they have to be searched for.
    private func printPast() throws(CommandFailure) {
        var lines: [JSON] = []
        var wanted = filter
        while true {
            let reply = try reply(LogRequest(wanted))
            // Of an invocation that took long, some may be newer than some of those that are there.
            lines = (reply.lines + lines).sorted { ($0["at"]?.stringValue ?? "") < ($1["at"]?.stringValue ?? "") }
            guard let older = reply.older, lines.count < filter.limit else { break }
            printer.say("searched back to \(older.at.rfc3339), \(lines.count) found; going on with what is older.")
            wanted.before = older
            wanted.limit = filter.limit - lines.count
        }
        try printer.print(lines)
        if lines.isEmpty { printer.sayNothing() }
    }

    private struct Reply {
        var lines: [JSON]
        var position: String?
        var missed: Int
        var older: LogPlace?
    }

    private func reply(_ request: LogRequest) throws(CommandFailure) -> Reply {
        let bytes = try client.send(.logs(request))
        guard let value = try? JSONReader.value(of: bytes), let lines = value["lines"]?.elements else {
            throw .notUnderstood("a log without lines")
        }
        let stream = value["stream"]
        return Reply(
            lines: lines,
            position: stream?["position"]?.stringValue,
            missed: stream?["missed"]?.intValue ?? 0,
            older: (stream?["older"]?.stringValue).flatMap(LogPlace.init)
        )
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
