internal import Glibc

/// Runs a short program to its end and keeps what it prints; blocks the calling thread.
package enum CapturedRun {
    /// - Parameters:
    ///   - launch: what to run.
    ///   - limit: how long it may take; then it is killed.
    ///   - goesOn: asked ten times a second; when it says no, the program is killed.
    ///   - listener: given what it prints as it comes.
    /// - Returns: how it ended, nil when it was killed, and what it printed.
    /// - Throws: when it cannot be started.
    package static func run(
        _ launch: ProcessLaunch,
        limit: Duration,
        while goesOn: (() -> Bool)? = nil,
        listener: ((String) -> Void)? = nil
    ) throws(LaunchFailure) -> (status: ExitStatus?, output: String) {
        let answers = Mailbox<Result<ChildProcess, LaunchFailure>>()
        Spawner.shared.spawn(launch) { answers.send($0, isUrgent: true) }
        guard let answer = answers.receiveAll(patience: 0)?.first else {
            throw .resources(SystemFailure(call: "pthread_create", code: EAGAIN))
        }
        let process = try answer.get()
        let (seconds, attoseconds) = limit.components
        let deadline = MonotonicClock.nanoseconds() + seconds * 1_000_000_000 + attoseconds / 1_000_000_000
        var hasEnded = false
        var heard = BoundedOutput()
        while !hasEnded {
            let rest = deadline - MonotonicClock.nanoseconds()
            guard rest > 0, let pidfd = process.watched else { break }
            // A negative descriptor is passed over: the pipe may be at its end before the process is.
            var entries = [
                pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0),
                pollfd(fd: process.output.watched ?? -1, events: Int16(POLLIN), revents: 0),
            ]
            if goesOn?() == false { break }
            _ = poll(&entries, 2, Int32(clamping: min(rest / 1_000_000 + 1, goesOn == nil ? .max : 100)))
            if entries[1].revents != 0 { listen(to: process, &heard, listener) }
            hasEnded = entries[0].revents != 0
        }
        process.kill()
        let status = process.peekEnd()
        launch.family?.end(by: MonotonicClock.nanoseconds() + 1_000_000_000)
        process.reap()
        listen(to: process, &heard, listener)
        process.output.close()
        return (hasEnded ? status : nil, heard.text)
    }

    private static func listen(
        to process: ChildProcess,
        _ heard: inout BoundedOutput,
        _ listener: ((String) -> Void)?
    ) {
        let part = process.output.take()
        guard !part.isEmpty else { return }
        let text = part.text
        Array(text.utf8).withUnsafeBytes { heard.append($0) }
        listener?(text)
    }
}
