internal import LoopModel
internal import LoopOS
internal import LoopWire

// A runtime that is not ours may have our probe inside. It has no channel of its own: the probe is told what it needs in
// one file, and says what the daemon needs in another.

extension RunningEnvironment {
    /// What the probe is told; the variable `LOOPWARDEN_SETTINGS` names it.
    var settingsFile: String { "\(folder)/settings.json" }

    /// What the probe says when the handler is loaded.
    private var readyFile: String { "\(folder)/ready.json" }

    /// Takes in what the probe says of its process.
    ///
    /// - Returns: nil where there is no probe.
    func observedInfo() -> WorkerInfo? {
        guard keepsJournal, let observed = (try? File.read(readyFile)).flatMap(ObservedRuntime.init) else { return nil }
        record.pythonVersion = observed.python
        record.descriptorLimit = observed.descriptorLimit ?? 0
        return observed.info
    }
}
