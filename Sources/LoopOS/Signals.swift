internal import CLoopOS
internal import Glibc

/// Signals as values: the handler only writes a byte to a pipe, everything else is done by a thread.
package enum Signals {
    package static let hangUp: Int32 = SIGHUP
    package static let interrupt: Int32 = SIGINT
    package static let terminate: Int32 = SIGTERM

    /// Delivers these signals from now on instead of what they did before; at most once in a process's life.
    ///
    /// - Returns: the signals' numbers as they come; ends never.
    /// - Throws: when the system has no descriptor or thread left.
    package static func stream(of signals: [Int32]) throws(SystemFailure) -> AsyncStream<Int32> {
        var ends: [Int32] = [-1, -1]
        try system("pipe2") { loop_pipe(&ends) }
        let (reading, writing) = (ends[0], ends[1])
        // A handler that blocks on a full pipe would block the thread that it interrupted.
        try Descriptor.setNonBlocking(writing)
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self, bufferingPolicy: .bufferingNewest(16))
        try PosixThread.start(named: "lw-signals") {
            while let bytes = try? Descriptor.read(reading, upTo: 16), !bytes.isEmpty {
                for byte in bytes { continuation.yield(Int32(byte)) }
            }
            continuation.finish()
        }
        try system("sigaction") { loop_signals_to(writing, signals, Int32(signals.count)) }
        return stream
    }

    /// Lets writes to closed sockets and pipes fail with EPIPE instead of ending the process.
    package static func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }
}
