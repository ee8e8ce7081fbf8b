internal import LoopModel
internal import LoopOS

// What an environment prints belongs to the invocation that it serves, else to the environment itself.

extension Runner {
    /// Says how much is kept of what is printed in one go, from environments that are started from now on.
    ///
    /// - Parameter bytes: of the beginning and the end together.
    package func keepOutput(_ bytes: Int) { outputLimit = bytes }

    /// Hands on what a process prints, as it comes.
    func listen(to process: ChildProcess, of environment: RunningEnvironment) {
        let (observer, id) = (observer, environment.record.id)
        process.output.keep(outputLimit) { observer.printing(id, $0, at: WallTime(nanoseconds: $1)) }
    }

    /// Hands on what an environment has printed that belongs to no invocation.
    func noteOutput(of environment: RunningEnvironment, _ phase: OutputPhase) {
        guard let output = environment.process?.output.take(), !output.isEmpty else { return }
        let text = LoggedText(output)
        if phase == .shutdown { environment.record.lastOutput = text.text }
        let at = text.times.first?.at ?? Self.wallNow()
        let printed = EnvironmentOutput(phase: phase, at: at, output: text)
        observer.environmentPrinted(environment.record.id, printed)
    }

    /// Notes that an invocation is being handed to its handler.
    func noteStart(of invocation: RunningInvocation, in environment: RunningEnvironment) {
        let now = Self.wallNow()
        environment.invocation?.record.log.startedAt = now
        observer.invocationSent(invocation.record, at: now)
    }

    /// Hands over what an invocation's handler has printed, when all else is known of it.
    func takeOutput(of environment: RunningEnvironment, into record: inout InvocationRecord) {
        if let startedAt = record.log.startedAt {
            // Of a warm one it follows from the rest, and need not be kept.
            record.log.startedAt = nil
            let late = startedAt.nanoseconds - record.beganAt.nanoseconds
            if record.isCold || late < 0 || late > Self.unnoticed { record.log.startedAt = startedAt }
        } else if !record.inits.isEmpty {
            // It was never handed to a handler, because there was none.
            record.log.startedAt = Self.wallNow()
        }
        guard let output = environment.process?.output.take(), !output.isEmpty else { return }
        let text = LoggedText(output)
        (record.logTail, record.log.times) = (text.text, text.times)
    }

    /// In nanoseconds.
    private static let unnoticed: Int64 = 1_000_000
}

extension LoggedText {
    fileprivate init(_ output: BoundedOutput) {
        self.init(
            text: output.text,
            times: output.lineTimes.map { Mark(line: $0.line, at: WallTime(nanoseconds: $0.at)) }
        )
    }
}

extension InvocationRequest {
    /// What its log needs to know from the beginning.
    var log: InvocationLog {
        var log = InvocationLog()
        if let traceID, traceID.contains("Sampled=1") { log.trace = traceID }
        return log
    }
}
