import Logging
import LoopOS
import NIOCore

extension Daemon {
    /// Does all that `loopwarden daemon` does, and says what went wrong on standard error.
    ///
    /// - Returns: The exit status, as in BSD's sysexits(3); 0 after a shutdown that was asked for.
    package static func run(_ options: DaemonOptions) async -> Int32 {
        ThisProcess.fitHeaps()
        Signals.ignoreBrokenPipes()
        let manager = ServiceManager.takeFromEnvironment()
        let environment = ThisProcess.environment
        let loader = SettingsLoader(options: options, environment: environment, folder: ThisProcess.folder)
        do {
            let settings = try load(loader)
            if options.checkConfig { return check(settings, loader) }
            ThisProcess.raiseDescriptorLimit()
            // What Python worker starts inherit is set by the runner; the daemon itself is nobody's business.
            let handler = DaemonLogHandler(
                level: settings.logLevel,
                format: settings.logFormat,
                isJournal: environment["JOURNAL_STREAM"] != nil
            )
            let logger = Logger(label: "loopwarden") { _ in handler }
            try await Daemon(settings: settings, loader: loader, manager: manager, logger: logger).run()
            return 0
        } catch {
            let failure = error as? DaemonFailure ?? .serviceFailed("\(error)")
            say("loopwarden: \(failure)" + (failure.hint.map { "\n  \($0)" } ?? ""))
            manager.notify("STATUS=\(failure)\nERRNO=\(failure.exitCode)")
            return failure.exitCode
        }
    }

    private static func load(_ loader: SettingsLoader) throws(DaemonFailure) -> Settings {
        do {
            return try loader.load()
        } catch {
            throw .settings(error)
        }
    }

    /// Says whether the settings and every plugin are good.
    private static func check(_ settings: Settings, _ loader: SettingsLoader) -> Int32 {
        let problems = settings.plugins.flatMap { PluginLoader.loadAll(in: $0).1 }
        guard problems.isEmpty else {
            say(problems.map { "loopwarden: \($0)" }.joined(separator: "\n"))
            return 78
        }
        say("The settings\(loader.file.map { " in \($0)" } ?? "") and the plugins are good.")
        return 0
    }

    private static func say(_ text: String) { try? Descriptor.writeAll(Array((text + "\n").utf8), to: 2) }
}
