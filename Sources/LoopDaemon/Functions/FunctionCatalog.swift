import FoundationEssentials
import Logging
import LoopModel
import LoopOS
import LoopRunner

/// Which functions there are: the plugins of the configured folders, and those added one by one, which outlive the
/// daemon in a file of the state folder.
///
/// An actor on the runner's event loop, so that invoking needs no hop to ask it.
actor FunctionCatalog {
    private let runner: Runner
    private let recorder: Recorder
    private let file: String
    private let logger: Logger
    /// Paths given by `functions add`, in the order in which they came.
    private var added: [String] = []
    /// The plugins that could not be loaded, with why; shown by `status` and `doctor`.
    private(set) var problems: [SettingsProblem] = []

    nonisolated var unownedExecutor: UnownedSerialExecutor { runner.unownedExecutor }

    /// Takes the daemon's state folder, where the list of added plugins is.
    init(runner: Runner, recorder: Recorder, state: String, logger: Logger) {
        self.runner = runner
        self.recorder = recorder
        self.logger = logger
        file = "\(state)/added-plugins"
    }

    /// Has a plugin whose manifest was changed taken up before its next invocation.
    func watchManifests() async {
        await runner.rereadManifests { function in self.assumeIsolated { $0.reread(function) } }
    }

    /// Reads one plugin anew; one that is wrong now stays as it was.
    private func reread(_ function: FunctionConfiguration) -> FunctionConfiguration? {
        do {
            let changed = try PluginLoader.load(function.source)
            problems.removeAll { $0.file == function.source }
            guard changed.name == function.name else {
                logger.warning(
                    "A plugin has another name now; a reload of the settings serves it",
                    metadata: ["function": "\(function.name)", "name": "\(changed.name)"]
                )
                return nil
            }
            if changed != function { recorder.functionChanged(changed) }
            return changed
        } catch {
            problems.removeAll { $0.file == function.source }
            for problem in error.problems {
                logger.warning(
                    "A plugin's manifest was changed and is wrong; it is served as it was",
                    metadata: ["problem": "\(problem)"]
                )
            }
            problems += error.problems
            return nil
        }
    }

    /// Loads everything anew: adds, replaces and removes functions until they are what the folders say.
    func load(folders: [String]) async {
        if let text = try? String(contentsOfFile: file, encoding: .utf8) {
            added = text.split(separator: "\n").map(String.init)
        }
        var problems: [SettingsProblem] = []
        var wanted: [FunctionName: FunctionConfiguration] = [:]
        func take(_ function: FunctionConfiguration) {
            if let other = wanted[function.name] {
                let message = "the name \"\(function.name)\" is taken by \(other.source); give one of them another"
                problems.append(SettingsProblem(file: function.source, key: "name", message: message))
            } else {
                wanted[function.name] = function
            }
        }
        for folder in folders {
            let (functions, wrong) = PluginLoader.loadAll(in: folder)
            functions.forEach(take)
            problems += wrong
        }
        for path in added {
            do {
                take(try PluginLoader.load(path))
            } catch {
                problems += error.problems
            }
        }
        for problem in problems { logger.warning("A plugin is not served", metadata: ["problem": "\(problem)"]) }
        self.problems = problems
        for function in await runner.functions {
            guard let same = wanted[function.name] else {
                await runner.remove(function.name)
                continue
            }
            if same == function { wanted[function.name] = nil }
        }
        for function in wanted.values.sorted(by: { $0.name < $1.name }) { await serve(function) }
    }

    /// Adds one plugin, for good.
    ///
    /// - Throws: ``SettingsFailure`` when it cannot be loaded, or its name is another plugin's.
    func add(_ path: String) async throws(SettingsFailure) -> FunctionConfiguration {
        let function = try PluginLoader.load(path)
        if let other = await runner.configuration(of: function.name), other.source != function.source {
            let message =
                "the name \"\(function.name)\" is taken by \(other.source); remove that one, or give this another"
            throw SettingsFailure([SettingsProblem(file: function.source, key: "name", message: message)])
        }
        await serve(function)
        if !added.contains(path) { added.append(path) }
        try save()
        return function
    }

    /// Stops serving a function; one from a configured folder comes back at the next reload.
    ///
    /// - Returns: false when there is no such function.
    func remove(_ name: FunctionName) async throws(SettingsFailure) -> Bool {
        guard let function = await runner.configuration(of: name) else { return false }
        await runner.remove(name)
        added.removeAll { path in
            path == function.source || (try? PluginLoader.load(path))?.source == function.source
        }
        try save()
        return true
    }

    private func serve(_ function: FunctionConfiguration) async {
        recorder.functionChanged(function)
        await runner.register(function)
    }

    private func save() throws(SettingsFailure) {
        do {
            try Data((added.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: file), options: .atomic)
        } catch {
            throw SettingsFailure([SettingsProblem(file: file, message: "cannot be written: \(reason(of: error))")])
        }
    }
}
