package import LoopModel
package import LoopOS
package import LoopRules
package import LoopWire

/// Why a command could not do what it was asked, with what to do about it and what to tell the shell.
package enum CommandFailure: Error, Sendable, CustomStringConvertible {
    /// There is no such command.
    case unknownVerb(String, known: [String])
    /// The daemon said no.
    case refused(APIFailure)
    /// Nobody listens at any of these paths; of each, whether there is a socket.
    case noDaemon([(path: String, exists: Bool)], isRuntimeFolderKnown: Bool)
    /// The user may not use the daemon's socket.
    case denied(path: String)
    /// The daemon is there and does not answer in time.
    case silent(path: String)
    /// The connection ended before the reply; what was asked may have been done.
    case cut(path: String)
    /// The daemon has ended while its log was followed.
    case logEnded
    /// What came back is not what the API answers; the text says what it is.
    case notUnderstood(String)
    /// A call on the socket failed.
    case socket(SocketFailure)
    /// The event is not JSON.
    case badPayload(EventPlace, JSONFailure)
    /// There is no such event.
    case noEvent(String, hint: String)
    /// The event is larger than an invocation takes; sizes in bytes.
    case eventTooLarge(name: String?, size: Int, most: Int)
    /// There is no such environment or list of packages.
    case noPackages(String, hint: String)
    /// A file that was named cannot be read.
    case unreadable(SystemFailure)
    /// There is no such rule.
    case unknownRule(RuleFailure)
    /// What was to be checked is no handler.
    case noTarget(String, hint: String)
    /// The manifest of what was to be checked has mistakes.
    case badPlugin(String)
    /// There is no such baseline.
    case noBaseline(String)
    /// A simulation could not be made; what it was of, or where it was to be kept, says what to do.
    case noSimulation(String, hint: String, exit: CommandStatus)
    /// A file that was named as a baseline is none that can be read.
    case badBaseline(String, BaselineFailure)
    /// The system lacks what a check needs.
    case checkFailed(String)
    /// A file that was to be written cannot be.
    case notWritten(SystemFailure)
    /// Standard output cannot be written to.
    case output(SystemFailure)
    /// Whoever read the output has enough; nothing to tell.
    case outputClosed

    package var description: String {
        switch self {
        case .unknownVerb(let word, _): "There is no command \"\(word)\"."
        case .refused(let failure): failure.message
        case .noDaemon(let places, _):
            "No daemon is running: "
                + places.map { place in
                    place.exists ? "nobody listens on \(place.path)" : "there is no socket \(place.path)"
                }.joined(separator: ", and ") + "."
        case .denied(let path): "You may not use the daemon's socket \(path)."
        case .silent(let path): "The daemon at \(path) does not answer in time."
        case .cut(let path): "The daemon at \(path) ended the connection before it answered."
        case .logEnded: "The daemon has ended, and so has its log."
        case .notUnderstood(let what): "The daemon's answer is not understood: \(what)."
        case .socket(let failure): "The connection to the daemon failed: \(failure)."
        case .badPayload(.file(let path), let failure):
            "\(path):\(failure.line):\(failure.column): the event is not JSON: \(failure.message)."
        case .badPayload(.commandLine, let failure): "The event on the command line is not JSON: \(failure)."
        case .badPayload(.standardInput, let failure): "The event on standard input is not JSON: \(failure)."
        case .noEvent(let message, _), .noPackages(let message, _): message
        case .eventTooLarge(let name, let size, let most):
            "The event\(name.map { " \($0)" } ?? "") has \(size) bytes; the most is \(most)."
        case .unreadable(let failure): "\(failure.context) cannot be read: \(failure.reason)."
        case .unknownRule(let failure): failure.description.capitalizedSentence
        case .noTarget(let message, _): message
        case .badPlugin(let mistakes): mistakes
        case .noBaseline(let path): "There is no baseline \(path)."
        case .badBaseline(let path, let failure): "\(path) \(failure)."
        case .checkFailed(let reason): "The check could not be made: \(reason)."
        case .noSimulation(let message, _, _): message
        case .notWritten(let failure): "\(failure.context) cannot be written: \(failure.reason)."
        case .output(let failure): "The output cannot be written: \(failure.reason)."
        case .outputClosed: ""
        }
    }

    /// What to do about it; may be empty.
    package var hint: String {
        switch self {
        case .unknownVerb(_, let known): "The commands are: \(known.joined(separator: ", "))."
        case .refused(let failure): failure.hint
        case .noDaemon(_, let isRuntimeFolderKnown):
            "Start one with \"loopwarden daemon\" or, where it is installed as a service, \"systemctl start loopwarden\"."
                + (isRuntimeFolderKnown
                    ? ""
                    : " XDG_RUNTIME_DIR is not set, so only the system's daemon was looked for; --socket names another.")
        case .denied(let path):
            "Join the group that owns it (\"ls -l \(path)\" names it): "
                + "\"sudo usermod -aG loopwarden $USER\", then log in again."
        case .silent: "\"loopwarden doctor\" may say why; --connect-timeout gives it more time."
        case .cut: "Its log says why; \"loopwarden history\" says whether an invocation was recorded."
        case .logEnded: "Ask again when it is back: \"loopwarden logs --since 10m\" tells what was logged meanwhile."
        case .notUnderstood:
            "The daemon and this command may be of different versions; \"loopwarden doctor\" compares them."
        case .socket(.pathTooLong): "Choose a shorter path with --socket."
        case .socket, .unreadable, .output, .outputClosed, .checkFailed, .notWritten: ""
        case .noTarget(_, let hint), .noSimulation(_, let hint, _): hint
        case .badPlugin: "Correct the manifest and try again."
        case .noBaseline(let path): "Write one of what is found now: --write-baseline \(path)."
        case .badBaseline: "Nothing was checked, and the file is as it was; --write-baseline makes a new one elsewhere."
        case .badPayload(.commandLine, _):
            "Give JSON text in single quotes, as in '{\"id\": 1}', a file's path, or - for standard input."
        case .badPayload: ""
        case .noEvent(_, let hint), .noPackages(_, let hint): hint
        case .eventTooLarge: "AWS Lambda takes no larger one either: hand large things over in a bucket."
        case .unknownRule(let failure): failure.hint.capitalizedSentence
        }
    }

    /// What the shell is told.
    package var exit: CommandStatus {
        switch self {
        case .unknownVerb: .usage
        case .refused(let failure): failure.exit
        case .noDaemon, .silent, .cut, .logEnded: .unavailable
        case .denied: .denied
        case .notUnderstood: .protocolBroken
        case .socket: .unavailable
        case .badPayload, .badBaseline, .eventTooLarge: .data
        case .unreadable, .unknownRule, .noTarget, .noEvent, .noPackages, .noBaseline: .missing
        case .badPlugin: .configuration
        case .checkFailed: .system
        case .noSimulation(_, _, let exit): exit
        case .notWritten: .notCreated
        case .output: .io
        case .outputClosed: .ok
        }
    }
}

extension String {
    /// With a capital letter at its beginning and a full stop at its end.
    fileprivate var capitalizedSentence: String {
        prefix(1).uppercased() + dropFirst() + (hasSuffix("?") || hasSuffix(".") ? "" : ".")
    }
}
