import LoopDaemon
import LoopModel
import LoopOS
import LoopRunner

/// What a check was told to give to handlers: events, packages, variables.
struct CheckInput {
    /// Of every invocation, when there are no ``events``.
    var event = PayloadArgument.empty
    /// One for each invocation.
    var events: [PayloadArgument] = []
    /// A virtual environment.
    var venv: String?
    /// A file that lists packages.
    var requirements: String?
    var variables: [String: String] = [:]

    /// Whether somebody said what the event is.
    var isEventGiven: Bool { event != .empty || !events.isEmpty }

    /// The events, at least one.
    ///
    /// - Throws: ``CommandFailure`` when one cannot be read, or is not JSON.
    func allEvents(on console: Console) throws(CommandFailure) -> [CheckEvent] {
        events.isEmpty ? try event.events(on: console) : try PayloadArgument.events(events, on: console)
    }

    /// Where packages come from.
    ///
    /// - Throws: ``CommandFailure`` when there is no such environment or file.
    func packages() throws(CommandFailure) -> PackageSource {
        if let venv {
            let folder = SettingsLoader.absolute(venv, in: ThisProcess.folder)
            guard let environment = VirtualEnvironment(folder: folder) else {
                throw .noPackages(
                    FileStamp(path: folder) == nil
                        ? "There is no \(venv)." : "\(venv) is no virtual environment: it has no bin/python.",
                    hint: "\"python -m venv \(venv)\" or \"uv venv \(venv)\" makes one."
                )
            }
            return .environment(environment)
        }
        guard let requirements else { return .own }
        let path = SettingsLoader.absolute(requirements, in: ThisProcess.folder)
        do throws(SystemFailure) {
            return .requirements(try Requirements(path: path))
        } catch {
            throw .noPackages("\(requirements) cannot be read: \(error.reason).", hint: "Name a requirements.txt.")
        }
    }

    /// Functions with the variables, and the events that their manifests name where nobody said otherwise.
    ///
    /// - Throws: ``CommandFailure`` when an event that a manifest names cannot be read, or is not JSON.
    func prepared(_ functions: [FunctionConfiguration]) throws(CommandFailure) -> [FunctionConfiguration] {
        try functions.map { (function) throws(CommandFailure) in
            var function = function
            function.environment.merge(variables) { _, new in new }
            if let path = function.sampleFile, !isEventGiven {
                let name = path.split(separator: "/").last.map(String.init)
                function.sampleEvent = CheckEvent(name: name, bytes: try PayloadArgument.read(path))
            }
            return function
        }
    }
}
