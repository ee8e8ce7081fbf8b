import Logging
import LoopModel
import LoopOS

/// Writes the daemon's log to standard error: a line of text or a JSON object each.
///
/// Under systemd each line of text begins with its priority (`<3>`), which journald takes off again
/// (sd-daemon(3)), and has no time, which journald adds.
struct DaemonLogHandler: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    private let format: Settings.LogFormat
    private let isJournal: Bool

    init(level: Logger.Level, format: Settings.LogFormat, isJournal: Bool) {
        logLevel = level
        self.format = format
        self.isJournal = isJournal
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        var line: [UInt8] = []
        switch format {
        case .json:
            let members =
                [
                    JSON.Member("time", .string(WallTime.now.rfc3339)),
                    JSON.Member("level", .string(event.level.rawValue)),
                    JSON.Member("message", .string("\(event.message)")),
                ] + all.map { JSON.Member($0.key, .string("\($0.value)")) }
            JSON.object(members).write(to: &line)
        case .text:
            let head = isJournal ? "<\(event.level.priority)>" : "\(WallTime.now.rfc3339) \(event.level.rawValue): "
            let tail = all.map { " \($0.key)=\(quoted("\($0.value)"))" }.joined()
            // A line is a line, whatever a handler put into a message.
            line += (head + "\(event.message)" + tail).utf8.map { $0 == 10 || $0 == 13 ? 32 : $0 }
        }
        line.append(10)
        try? Descriptor.writeAll(line, to: 2)
    }

    private func quoted(_ text: String) -> String {
        guard text.isEmpty || text.contains(where: { $0 == " " || $0 == "\"" || $0 == "\n" }) else { return text }
        return JSON.string(text).text
    }
}

extension Logger.Level {
    /// Syslog's number for it.
    fileprivate var priority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
