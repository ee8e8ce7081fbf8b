import LoopDaemon
import LoopModel
import LoopOS
import LoopReports
import LoopWire

/// A simulation as it was ordered.
struct SimulationOrder {
    /// The scenario's file, as it was typed.
    var scenario: String
    /// By which the history knows it; nil: it is thrown away, unless a folder is named to keep it in.
    var name: RunName?
    /// The state folder that keeps the history.
    var state: String?
    /// Where the daemon is whose history it goes to.
    var address: DaemonAddress
    /// In place of the scenario's own.
    var seed: UInt64?
    var threshold: Severity
    /// Where the page for browsers goes; nil: nowhere.
    var html: String?
    var style: OutputStyle

    /// Makes the simulation and prints what it came to.
    ///
    /// - Throws: ``CommandFailure`` when it cannot be made.
    func perform(on console: Console) async throws -> CommandStatus {
        let scenario = try read()
        let run = name ?? RunName(simulating: self.scenario, at: console.now())
        var plan = Simulation.Plan(run: run, title: self.scenario)
        plan.threshold = threshold
        let place = try SimulationPlace(for: name, state: state, at: address, on: console)
        plan.state = place.state
        defer { place.clear() }
        let line = ProgressLine(on: console)
        var report: SimulationReport
        do {
            report = try await Simulation(scenario, plan).report { line.show($0.text, isNotice: $0.isNotice) }
            line.clear()
        } catch {
            line.clear()
            throw Self.failure(of: error)
        }
        let refusal = place.hand(over: &report)
        try print(report, of: scenario, on: console)
        if let refusal { throw refusal }
        if report.isInterrupted { return .interrupted }
        return switch report.verdict {
        case .clean: .ok
        case .findings: .invocationFailed
        case .failsCold: .failsCold
        }
    }

    private func read() throws(CommandFailure) -> Scenario {
        var file = ScenarioFile(SettingsLoader.absolute(scenario, in: ThisProcess.folder), seed: seed)
        do {
            return try file.scenario()
        } catch let failure as CheckFailure {
            throw .noTarget(failure.description, hint: failure.hint)
        } catch let failure as SettingsFailure {
            throw .noSimulation(
                failure.description,
                hint: "Correct the scenario and try again.",
                exit: .configuration
            )
        } catch {
            throw Self.failure(of: error)
        }
    }

    private static func failure(of error: any Error) -> CommandFailure {
        switch error {
        case CheckFailure.nameTaken(let run):
            .noSimulation("\(CheckFailure.nameTaken(run))", hint: CheckFailure.nameTaken(run).hint, exit: .notCreated)
        case let failure as CheckFailure: .noSimulation(failure.description, hint: failure.hint, exit: .missing)
        case let failure as DaemonFailure:
            .noSimulation(
                "The simulation could not be made: \(failure).",
                hint: failure.hint ?? "",
                exit: CommandStatus(rawValue: failure.exitCode) ?? .software
            )
        default: .noSimulation("The simulation could not be made: \(error).", hint: "", exit: .system)
        }
    }

    private func print(
        _ report: SimulationReport,
        of scenario: Scenario,
        on console: Console
    ) throws(CommandFailure) {
        let roots = Dictionary(scenario.functions.map { ($0.name, $0.root) }) { first, _ in first }
        let sources = SourceLines(roots: roots)
        let reader = Reader(
            utcOffset: console.utcOffset,
            source: { sources.line(of: $0, at: $1) },
            folder: ThisProcess.folder
        )
        let document = report.document
        let format = style.isJSON ? OutputFormat.json : Looks(ofOutput: console, style).format
        try console.writeOutput(Array(document.rendered(as: format, for: reader).utf8))
        guard let html else { return }
        do throws(SystemFailure) {
            try File.write(Array(document.rendered(as: .html, for: reader).utf8), to: html, mode: 0o644)
        } catch {
            throw .notWritten(error)
        }
    }
}

extension RunName {
    /// Of a scenario that nobody has named, by its file and the time: `checkout-20261121T193012`.
    fileprivate init(simulating path: String, at moment: WallTime) {
        let file = path.split(separator: "/").last.map(String.init) ?? "run"
        let stem = file.prefix { $0 != "." }.prefix(40).map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
        let time = moment.rfc3339.prefix(19).filter { $0.isNumber || $0 == "T" }
        self.init(stored: "\(stem.isEmpty ? "run" : String(stem))-\(time)")
    }
}
