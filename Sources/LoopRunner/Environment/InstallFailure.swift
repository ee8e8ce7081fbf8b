internal import LoopModel

/// An installation that failed: it is not tried again at once, unless somebody has changed what is to be installed.
struct InstallFailure: Sendable {
    /// Clients try again by themselves, and each time costs an installer.
    private static let pause = Duration.seconds(10)

    let why: RuntimeFailure
    private let configuration: FunctionConfiguration
    private let list: WatchedFile?
    private let at: Instant

    init(of configuration: FunctionConfiguration, why: RuntimeFailure, at time: Instant) {
        self.configuration = configuration
        self.why = why
        list = configuration.packages.requirements.flatMap { WatchedFile(now: $0) }
        at = time
    }

    /// Whether it would most likely fail in the same way.
    func stands(for configuration: FunctionConfiguration, at now: Instant) -> Bool {
        self.configuration == configuration && now - at < Self.pause && list?.isUnchanged != false
    }
}
