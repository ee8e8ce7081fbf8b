import ArgumentParser
import LoopModel
import LoopWire

/// The whole program: arguments in, exit status out.
package enum Program {
    /// Runs one command.
    ///
    /// - Parameters:
    ///   - arguments: without the program's own name.
    ///   - console: the world around it.
    /// - Returns: what the shell is told; one of ``CommandStatus``.
    package static func run(_ arguments: [String], on console: Console) async -> Int32 {
        do {
            if let order = InvocationOrder(quicklyReading: arguments) {
                return try order.perform(on: console).rawValue
            }
            if let complaint = Loopwarden.complaint(about: arguments) { throw complaint }
            var command = try Loopwarden.parseAsRoot(arguments)
            if let verb = command as? any Verb { return try await verb.perform(on: console).rawValue }
            // What the parser brings along (help), and groups without a verb, which print their help.
            try command.run()
            return CommandStatus.ok.rawValue
        } catch let failure as CommandFailure {
            tell(failure, on: console)
            return failure.exit.rawValue
        } catch {
            return tell(error, on: console)
        }
    }

    private static func tell(_ failure: CommandFailure, on console: Console) {
        if case .outputClosed = failure { return }
        let looks = Looks(ofErrors: console)
        console.say("\(looks.marked("loopwarden:", .bad)) \(failure)")
        if !failure.hint.isEmpty { console.say("  \(failure.hint)") }
    }

    /// Mistakes on the command line, and help, which is no mistake.
    private static func tell(_ error: any Error, on console: Console) -> Int32 {
        let status = Loopwarden.exitCode(for: error)
        let isHelp = status.isSuccess
        let looks = Looks(
            on: console,
            terminalWidth: isHelp ? console.outputWidth : console.errorWidth,
            isPlain: true
        )
        let text = Loopwarden.fullMessage(for: error, columns: looks.width == 0 ? 100 : min(looks.width, 100))
        if isHelp {
            do throws(CommandFailure) {
                if !text.isEmpty { try console.print(text) }
            } catch {
                return error.exit.rawValue
            }
        } else if !text.isEmpty {
            console.say(text)
        }
        return status.rawValue
    }
}
