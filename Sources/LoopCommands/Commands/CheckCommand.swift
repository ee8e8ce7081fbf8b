import ArgumentParser
import LoopModel
import LoopWire

struct CheckCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Says whether handlers survive warm starts; needs no daemon.",
        discussion: """
            Runs each handler cold and then warm in one process, on every host, interpreter and kind of loop that is \
            named, and tells what is wrong and which line to change. Exits with 0 when all is clean, 1 when something \
            was found, 2 when a handler fails already cold.
            """
    )

    @Argument(
        help: ArgumentHelp(
            "A handler's .py file, FILE.py:FUNCTION, a plugin's folder, a folder of plugins, or a SAM template.",
            valueName: "target"
        ),
        completion: .file()
    )
    var targets: [String] = []

    @OptionGroup var suite: SuiteOptions

    @Option(help: ArgumentHelp("Interpreters, as in a manifest: 3.9,3.13 or a path.", valueName: "list"))
    var python = NameList()

    @Option(help: ArgumentHelp("Kinds of loops: asyncio,uvloop.", valueName: "list"))
    var loop = ChoiceList<LoopImplementation>()

    @Option(
        help: ArgumentHelp(
            "How processes come to be: \(StartMode.spawn) (fresh interpreters) or \(StartMode.fork) (copies of one, faster).",
            valueName: "mode"
        )
    )
    var start: StartMode?

    @Option(help: ArgumentHelp("Host profiles, such as bare,kept or aws-lambda,jupyter.", valueName: "list"))
    var host = ChoiceList<HostProfile>()

    @OptionGroup var input: CheckInputOptions

    @Option(
        help: ArgumentHelp(
            "The lives: \(CheckSchedule.named().map(\.name).joined(separator: ", ")), or steps.",
            discussion: "Steps are such as \"cold, exception@2, freeze=2s, warm*3\". Without it: all that apply.",
            valueName: "list"
        ),
        completion: .list(CheckSchedule.named().map(\.name))
    )
    var schedule: [String] = []

    @Option(
        help: ArgumentHelp("How many warm invocations follow the cold one in the schedule warm.", valueName: "number")
    )
    var warm = 2

    @Option(help: "The mildest finding that counts: info, warning or error.")
    var failOn = Severity.warning

    @Option(
        help: ArgumentHelp("What is known already and does not fail; only what is new does.", valueName: "file"),
        completion: .file(extensions: ["json"])
    )
    var baseline: String?

    @Option(
        help: ArgumentHelp("Write all that is found now to a baseline, and be content with it.", valueName: "file"),
        completion: .file(extensions: ["json"])
    )
    var writeBaseline: String?

    @Option(
        help: ArgumentHelp("Also write the findings as SARIF 2.1.0, for code hosts.", valueName: "file"),
        completion: .file(extensions: ["sarif"])
    )
    var sarif: String?

    @Option(
        help: ArgumentHelp("Also write the lives as JUnit XML, for CI systems.", valueName: "file"),
        completion: .file(extensions: ["xml"])
    )
    var junit: String?

    @Flag(help: "Also print annotations for GitHub Actions, and write the step's summary.")
    var github = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if targets.isEmpty, !suite.pytest { throw ValidationError("Missing expected argument '<target> ...'") }
        if suite.pytest, !host.values.isEmpty || !schedule.isEmpty || input.input.isEventGiven {
            throw ValidationError("--host, --schedule and events are for handlers; --pytest runs tests as pytest does.")
        }
        guard warm >= 0 else { throw ValidationError("--warm is \(warm); expected is a whole number from 0.") }
        do throws(CheckScheduleFailure) {
            _ = try CheckSchedule.chosen(schedule, warm: min(warm, CheckSchedule.mostSteps), events: input.events.count)
        } catch {
            throw ValidationError("\(error) \(error.hint)")
        }
        if input.venv != nil, !python.values.isEmpty {
            throw ValidationError("--venv has an interpreter of its own; leave --python out.")
        }
    }

    func perform(on console: Console) async throws -> CommandStatus {
        try await CheckOrder(
            targets: targets,
            suite: suite.order(of: targets),
            hosts: host.values,
            pythons: python.values,
            loops: loop.values,
            start: start,
            input: input.input,
            schedules: schedule,
            warm: warm,
            threshold: failOn,
            baseline: BaselineFile(known: baseline, written: writeBaseline),
            outputs: CheckOutputs(sarif: sarif, junit: junit, isGitHub: github),
            style: output.style
        ).perform(on: console)
    }
}
