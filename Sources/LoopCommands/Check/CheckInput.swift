import LoopDaemon
import LoopModel

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
        do throws(CheckFailure) {
            if let venv { return try PackageSource(environment: venv) }
            if let requirements { return try PackageSource(requirements: requirements) }
            return .own
        } catch {
            throw .noPackages(error.description, hint: error.hint)
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
