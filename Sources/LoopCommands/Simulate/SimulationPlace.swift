import LoopDaemon
import LoopModel
import LoopOS
import LoopWire

/// Where a simulation's history is kept.
enum SimulationPlace {
    case nowhere
    /// A state folder that no daemon uses.
    case folder(String)
    /// The history of a running daemon, which takes it over at the end; until then it is in a folder of its own.
    case daemon(ControlClient, folder: String)

    /// - Parameters:
    ///   - run: the name that a person gave it; nil: none.
    ///   - state: the state folder that a person named; nil: none.
    ///   - address: where the daemon is.
    ///   - console: the world around it.
    /// - Throws: ``CommandFailure`` when there is no daemon, or it has a run of that name.
    init(for run: RunName?, state: String?, at address: DaemonAddress, on console: Console) throws(CommandFailure) {
        if let state {
            self = .folder(SettingsLoader.absolute(state, in: ThisProcess.folder))
        } else if let run {
            let client = address.client(on: console)
            try Self.expectFree(run, in: client)
            let scratch = console.environment["TMPDIR"] ?? "/tmp"
            self = .daemon(client, folder: "\(scratch)/loopwarden-\(EnvironmentID.random().short)")
        } else {
            self = .nowhere
        }
    }

    private static func expectFree(_ run: RunName, in client: ControlClient) throws(CommandFailure) {
        let reply: [UInt8]
        do throws(CommandFailure) {
            reply = try client.send(.invocations(HistoryFilter(run: run, limit: 1)))
        } catch {
            guard case .noDaemon = error else { throw error }
            throw .noSimulation(
                "\(error) What has a name is kept in its history.",
                hint: "Start one with \"loopwarden daemon\", or keep the run without one: --state FOLDER.",
                exit: error.exit
            )
        }
        guard case .array(let rows)? = (try? JSONReader.value(of: reply))?["invocations"], !rows.isEmpty else { return }
        throw .noSimulation(
            "The history has a run \"\(run)\" already.",
            hint: "Choose another name with --name.",
            exit: .notCreated
        )
    }

    /// The state folder in which it is kept meanwhile; nil: it is thrown away.
    var state: String? {
        switch self {
        case .nowhere: nil
        case .folder(let folder), .daemon(_, let folder): folder
        }
    }

    /// Hands the history to whom it is for, and says in the report how to see it.
    ///
    /// - Returns: why the daemon did not take it; then it is gone.
    func hand(over report: inout SimulationReport) -> CommandFailure? {
        switch self {
        case .nowhere: report.keptIn = nil
        case .folder(let folder):
            let daemon = "loopwarden daemon --state \(ShellWord.quoted(folder))"
            report.keptIn = "\(daemon), then loopwarden history --run \(report.run)"
        case .daemon(let client, let folder):
            do throws(CommandFailure) {
                _ = try client.send(.adoptRun(report.run, history: "\(folder)/history.sqlite"))
                report.keptIn = "loopwarden history --run \(report.run)"
            } catch {
                report.keptIn = nil
                return .noSimulation(
                    "The daemon did not take the run into its history: \(error)",
                    hint: "--state FOLDER keeps it without a daemon. \(error.hint)",
                    exit: error.exit
                )
            }
        }
        return nil
    }

    /// Leaves nothing of what was not to be kept.
    func clear() { if case .daemon(_, let folder) = self { try? Folder.removeAll(folder) } }
}
