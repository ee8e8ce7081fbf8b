import ArgumentParser
import LoopModel

/// What a check gives handlers: events, packages, variables.
struct CheckInputOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The event: JSON text, a file's path, a folder of .json files, or - for standard input.",
            valueName: "json"
        ),
        completion: .file(extensions: ["json"])
    )
    var event = PayloadArgument.empty

    @OptionGroup var sample: EventSourceOption

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Events, one for each invocation: files, or one JSON array. The first is cold, the rest warm.",
            valueName: "files"
        ),
        completion: .file(extensions: ["json"])
    )
    var events: [PayloadArgument] = []

    @Option(
        help: ArgumentHelp("The virtual environment to run handlers in.", valueName: "folder"),
        completion: .directory
    )
    var venv: String?

    @Option(
        help: ArgumentHelp(
            "Packages to install for each interpreter; kept for the next time. \"own\": of each handler's folder.",
            valueName: "file"
        ),
        completion: .file(extensions: ["txt"])
    )
    var requirements: String?

    @Option(help: ArgumentHelp("A variable of the handlers' environment; may be repeated.", valueName: "name=value"))
    var env: [VariableArgument] = []

    func validate() throws {
        var names: [String] = []
        if event != .empty { names.append("--event") }
        if sample.payload != nil { names.append("--event-source") }
        if !events.isEmpty { names.append("--events") }
        if names.count > 1 { throw ValidationError("Give one of \(names.joined(separator: " and ")), not both.") }
        if venv != nil, requirements != nil {
            throw ValidationError("Give one of --venv and --requirements, not both.")
        }
    }

    var input: CheckInput {
        CheckInput(
            event: sample.payload ?? event,
            events: events,
            venv: venv,
            requirements: requirements,
            variables: Dictionary(env.map { ($0.name, $0.value) }) { _, last in last }
        )
    }
}

/// A variable, as it is typed: `STAGE=test`.
struct VariableArgument: ExpressibleByArgument, Hashable {
    var name: String
    var value: String

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty else { return nil }
        (name, value) = (parts[0], parts[1])
    }
}
