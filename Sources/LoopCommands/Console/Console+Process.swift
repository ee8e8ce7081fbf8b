import LoopModel
import LoopOS

extension Console {
    /// This process's own; called once, before anything is opened.
    package static func ofThisProcess() -> Console {
        Signals.ignoreBrokenPipes()
        StandardStreams.fill()
        return Console(
            environment: ThisProcess.environment,
            isRoot: ThisProcess.effectiveUser == 0,
            outputWidth: width(of: StandardStreams.output),
            errorWidth: width(of: StandardStreams.errors),
            now: { WallTime(nanoseconds: WallClock.nanoseconds()) },
            utcOffset: { LocalTime.utcOffset(at: $0.nanoseconds) },
            readInput: { () throws(CommandFailure) in
                do throws(SystemFailure) {
                    return try Descriptor.readAll(StandardStreams.input)
                } catch {
                    throw .unreadable(SystemFailure(call: error.call, code: error.code, context: "standard input"))
                }
            },
            writeOutput: { (bytes) throws(CommandFailure) in
                do throws(SystemFailure) {
                    try Descriptor.writeAll(bytes, to: StandardStreams.output)
                } catch {
                    throw error.isBrokenPipe ? .outputClosed : .output(error)
                }
            },
            writeError: { try? Descriptor.writeAll($0, to: StandardStreams.errors) }
        )
    }

    /// A terminal that does not know its width gets the usual one.
    private static func width(of descriptor: Int32) -> Int? {
        Terminal.isTerminal(descriptor) ? Terminal.width(of: descriptor) ?? 80 : nil
    }
}
