import ArgumentParser
import LoopModel
import LoopOS

/// The event of an invocation, as it is typed.
enum PayloadArgument: ExpressibleByArgument, Hashable {
    /// Nothing was typed.
    case empty
    /// JSON, or the path of a file.
    case text(String)
    case file(String)
    case standardInput
    /// A sample of what a service sends.
    case sample(EventSource)

    init(argument: String) {
        if argument == "-" {
            self = .standardInput
        } else if argument.hasPrefix("@") {
            self = .file(String(argument.dropFirst()))
        } else {
            self = .text(argument)
        }
    }

    var defaultValueDescription: String { "{}" }

    /// Its bytes, which are JSON.
    ///
    /// - Throws: ``CommandFailure`` when it cannot be read, or is not JSON, with line and column.
    func read(on console: Console) throws(CommandFailure) -> [UInt8] {
        switch self {
        case .empty: return Array("{}".utf8)
        case .sample(let source): return Array(source.text.utf8)
        case .standardInput: return try Self.checked(console.readInput(), from: .standardInput)
        case .file(let path): return try Self.read(path)
        case .text(let text):
            do {
                return try Self.checked(Array(text.utf8), from: .commandLine)
            } catch {
                guard let path = path else { throw error }
                return try Self.read(path)
            }
        }
    }

    /// The path that was typed; nil when it is no path.
    ///
    /// What is neither JSON nor looks like it is one, also when nothing is there.
    var path: String? {
        switch self {
        case .empty, .standardInput, .sample: return nil
        case .file(let path): return path
        case .text(let text):
            if (try? JSONReader.validate(Array(text.utf8))) != nil { return nil }
            if FileStamp(path: text) != nil { return text }
            let looksLikeJSON = text.first { !$0.isWhitespace }.map { "{[\"-'".contains($0) || $0.isNumber } ?? true
            return looksLikeJSON && !text.hasSuffix(".json") ? nil : text
        }
    }

    /// The event in a file.
    ///
    /// - Throws: ``CommandFailure`` when it cannot be read, or is not JSON, with line and column.
    static func read(_ path: String) throws(CommandFailure) -> [UInt8] {
        guard let stamp = FileStamp(path: path) else {
            throw .noEvent(
                "There is no file \(path).",
                hint: "An event is JSON text, the path of a file with it, or - for standard input."
            )
        }
        guard !stamp.isFolder else {
            throw .noEvent("\(path) is a folder.", hint: "Name one of the files in it.")
        }
        let bytes: [UInt8]
        do {
            bytes = try File.read(path)
        } catch {
            throw .unreadable(error)
        }
        return try checked(bytes, from: .file(path))
    }

    /// The bytes without the mark that some editors put before them, when they are JSON.
    private static func checked(_ bytes: [UInt8], from place: EventPlace) throws(CommandFailure) -> [UInt8] {
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        do {
            try JSONReader.validate(text)
        } catch {
            throw .badPayload(place, isUTF16(bytes) ? JSONFailure(line: 1, column: 1, message: utf16) : error)
        }
        return text
    }

    private static let utf16 = "it is UTF-16; JSON is written in UTF-8"

    /// Whether text has the mark of UTF-16, in which some shells write what is redirected to a file.
    private static func isUTF16(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
    }
}

/// Where an event was read from.
package enum EventPlace: Hashable, Sendable {
    case commandLine
    case standardInput
    case file(String)
}
