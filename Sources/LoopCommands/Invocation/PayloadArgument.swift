import ArgumentParser
import LoopModel
import LoopOS

/// The event of an invocation, as it is typed.
enum PayloadArgument: ExpressibleByArgument, Hashable {
    /// Nothing was typed.
    case empty
    case text(String)
    case file(String)
    case standardInput

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
        let bytes = try bytes(on: console)
        do {
            try JSONReader.validate(bytes)
        } catch {
            throw .badPayload(source: source, error)
        }
        return bytes
    }

    private func bytes(on console: Console) throws(CommandFailure) -> [UInt8] {
        switch self {
        case .empty: return Array("{}".utf8)
        case .text(let text): return Array(text.utf8)
        case .standardInput: return try console.readInput()
        case .file(let path):
            do {
                return try File.read(path)
            } catch {
                throw .unreadable(error)
            }
        }
    }

    private var source: String {
        switch self {
        case .empty, .text: "the command line"
        case .file(let path): path
        case .standardInput: "standard input"
        }
    }
}
