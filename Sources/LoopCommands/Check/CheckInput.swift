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
        let all = events.isEmpty ? try event.events(on: console) : try PayloadArgument.events(events, on: console)
        for event in all { try Self.expectFit(event) }
        return all
    }

    private static func expectFit(_ event: CheckEvent) throws(CommandFailure) {
        guard event.bytes.count > CheckPlan.largestEvent else { return }
        throw .eventTooLarge(name: event.name, size: event.bytes.count, most: CheckPlan.largestEvent)
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
                let event = CheckEvent(name: name, bytes: try PayloadArgument.read(path))
                try Self.expectFit(event)
                function.sampleEvent = event
            }
            return function
        }
    }
}
