internal import LoopModel
internal import LoopOS
internal import LoopWire
internal import NIOCore

// What a runtime says over the Runtime API. In the order of AWS Lambda (facts: lambda §1, §3): the caller has its answer
// at once, and the environment is free only when its runtime asks for the next invocation.

extension Runner {
    /// A runtime has asked for its first invocation: the function is loaded.
    func runtimeLoaded(_ environment: RunningEnvironment) {
        guard environment.end == nil, environment.state == .initializing else { return }
        takeJournal(of: environment)
        loaded(environment.observedInfo(), environment)
    }

    /// A runtime has answered the invocation that it had.
    ///
    /// - Parameters:
    ///   - answer: what it has made of it.
    ///   - duration: since it got it.
    ///   - environment: the runtime's.
    func runtimeAnswered(_ answer: RuntimeAnswer, after duration: Duration, _ environment: RunningEnvironment) {
        guard environment.end == nil, environment.state == .invoking, environment.invocation != nil else { return }
        // Killed for it, and what it says comes too late.
        if exceedsMemory(environment) { return }
        takeJournal(of: environment)
        holdAnswer(of: environment)
        switch answer {
        case .succeeded(let payload): end(environment, .ok, payload: payload, error: nil, duration: duration)
        case .failed(.tooLarge): fail(environment, .responseTooLarge, duration: duration)
        case .failed(.function(let type, let text)):
            fail(environment, .runtime(type, text), duration: duration)
        case .failed(.reported(let body)):
            let (payload, words) = body.error
            end(environment, .error, payload: payload, error: words, duration: duration)
        }
        environment.state = .answered
    }

    /// A runtime has asked for the next invocation.
    func runtimeFree(_ environment: RunningEnvironment) {
        guard environment.end == nil, environment.state == .answered else { return }
        free(environment)
        environment.heldAnswer?.open()
        environment.heldAnswer = nil
    }

    private func holdAnswer(of environment: RunningEnvironment) {
        guard let completion = environment.invocation?.completion else { return }
        let held = HeldAnswer(on: eventLoop)
        environment.invocation?.completion = held.holding(completion)
        environment.heldAnswer = held
    }

    /// A runtime has said that it cannot load the function; it is to end by itself.
    func runtimeFailed(_ environment: RunningEnvironment, _ body: RuntimeAPIBody) {
        guard environment.end == nil, environment.state == .initializing else { return }
        decide(environment, .initFailed(payload: Array(body.error.payload.readableBytesView)))
        // What it still prints belongs to the invocation.
        begin([.wait(.milliseconds(500))], of: environment)
    }

    /// No connection to the environment's Runtime API is left.
    func runtimeIsSilent(_ environment: RunningEnvironment) {
        guard environment.processEnd != nil else { return }
        decide(environment, .exited)
        finish(environment)
    }

    /// Tells the probe that is to observe a runtime what it needs.
    func writeSettings(of environment: RunningEnvironment) throws(SystemFailure) {
        var settings = WorkerSettings(environment: environment, daemon: variables)
        settings.readsSources = readsSources
        let object = settings.configuration(initDeadline: initDeadline(of: environment))
        try File.write(object.text.utf8, to: environment.settingsFile, mode: 0o600)
    }

    /// Takes in what a probe in the runtime has written so far; there may be none.
    private func takeJournal(of environment: RunningEnvironment) {
        guard environment.keepsJournal else { return }
        let journal = environment.readJournal()
        let events = environment.decoder.decode(offered: journal.span.bytes)
        // The probe there cannot know whether it will be frozen while it waits: it tells what is alive in any case.
        let wasFrozen = !environment.freezes.isEmpty
        environment.events += wasFrozen ? events : events.filter { !Self.ofFreezing.contains($0.kind) }
    }

    private static let ofFreezing: Set<LoopEvent.Kind> = [
        .taskFrozen, .taskThawed, .timerFrozen, .timerLate, .threadFrozen, .childFrozen, .socketFrozen, .socketLost,
    ]
}
