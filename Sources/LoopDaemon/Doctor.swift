import LoopModel
import LoopOS
import LoopRunner
import LoopStore

/// Looks at everything the daemon depends on, and says what is wrong and what to do about it.
struct Doctor {
    let store: HistoryStore
    let settings: Settings
    let functions: [FunctionConfiguration]
    /// The daemon's part of the cgroup hierarchy, or why it has none.
    let groups: Result<ControlGroupTree, ControlGroupFailure>
    private let interpreters = InterpreterLocator(environment: ThisProcess.environment)

    init(
        store: HistoryStore,
        settings: Settings,
        functions: [FunctionConfiguration],
        groups: Result<ControlGroupTree, ControlGroupFailure>
    ) {
        self.groups = groups
        self.store = store
        self.settings = settings
        self.functions = functions
    }

    /// One row for each thing that was looked at; starts every interpreter there is, and waits for them.
    func document() -> ReportDocument {
        let machine = [history(), descriptors(), cgroups()] + resources()
        let checks = machine + installed() + functions.map(program(of:))
        return ReportDocument(
            schema: "loopwarden.doctor/1",
            title: "What the daemon depends on",
            sections: [
                .init(
                    key: "checks",
                    content: .table(
                        columns: [
                            .init("check", "CHECK"), .init("state", "STATE"), .init("detail", "FOUND"),
                            .init("advice", "ADVICE"),
                        ],
                        rows: checks.map(\.cells)
                    )
                )
            ]
        )
    }

    /// What was looked at, how it is, and what to do.
    struct Check {
        var name: String
        var state: ReportDocument.Cell
        var detail: String
        var advice = ""

        var cells: [ReportDocument.Cell] { [.text(name), state, .text(detail), .text(advice)] }

        static let good = ReportDocument.Cell.marked("ok", .good)
        static let bad = ReportDocument.Cell.marked("bad", .bad)
        static let fair = ReportDocument.Cell.marked("note", .caution)
    }

    /// At the history's file, which may be of gigabytes.
    private static let longestLook = Duration.seconds(2)

    private func history() -> Check {
        let path = "\(settings.state)/history.sqlite"
        do {
            let found = try store.integrityCheck(within: Self.longestLook)
            if let fault = found.faults.first {
                let advice = "Restart the daemon: it keeps the damaged file under another name and starts a new one."
                return Check(name: "history", state: Check.bad, detail: fault, advice: advice)
            }
            guard !found.unchecked.isEmpty else { return Check(name: "history", state: Check.good, detail: path) }
            return Check(
                name: "history",
                state: Check.good,
                detail: "\(path); too large to look at all of it now: \(found.unchecked.joined(separator: ", "))",
                advice: "While the daemon is stopped: sqlite3 \(path) 'PRAGMA integrity_check'"
            )
        } catch {
            let advice = (error as? StoreFailure)?.hint ?? ""
            return Check(name: "history", state: Check.bad, detail: "\(error)", advice: advice)
        }
    }

    /// A worker takes four of the daemon's descriptors: its channel, its output, and its process.
    private func descriptors() -> Check {
        let limit = ThisProcess.descriptorLimit
        let wanted = 64 + 4 * functions.reduce(0) { $0 + $1.concurrency }
        let detail = "the daemon may hold \(limit); its functions could need \(wanted)"
        let isEnough = limit >= wanted
        return Check(
            name: "descriptors",
            state: isEnough ? Check.good : Check.fair,
            detail: detail,
            advice: isEnough ? "" : "Raise LimitNOFILE= in the unit, or lower concurrency in the manifests."
        )
    }

    private func installed() -> [Check] {
        let found = interpreters.allInstalled()
        guard !found.isEmpty else {
            let advice = "Install CPython 3.8 or newer, or name one with python: in the manifest."
            return [Check(name: "interpreters", state: Check.bad, detail: "none was found", advice: advice)]
        }
        return found.map { python in
            let name = "python \(python.version)"
            guard python.version >= .oldest else {
                let advice = "Too old for functions: CPython \(PythonVersion.oldest) is the least."
                return Check(name: name, state: Check.fair, detail: python.path, advice: advice)
            }
            do throws(InterpreterFailure) {
                let off = try ProbeCheck.detectionsOff(in: python, folder: StateFolder.runtime(settings))
                if off.isEmpty { return Check(name: name, state: Check.good, detail: python.path) }
                let detail = "\(python.path); these detections are off: \(off.joined(separator: "; "))"
                let advice = "A newer Loopwarden may know this interpreter; everything else is seen."
                return Check(name: name, state: Check.fair, detail: detail, advice: advice)
            } catch {
                let advice = "Handlers in it cannot be watched; mend or remove it."
                return Check(name: name, state: Check.bad, detail: "\(error)", advice: advice)
            }
        }
    }

    private func program(of function: FunctionConfiguration) -> Check {
        guard function.runtime == "provided" else { return interpreter(of: function) }
        let name = "function \(function.name)"
        do throws(RuntimeFailure) {
            let program = try ProvidedRuntime(variables: ThisProcess.environment).program(for: function)
            return Check(name: name, state: Check.good, detail: "a runtime of its own: \(program.executable)")
        } catch {
            return Check(name: name, state: Check.bad, detail: "\(error)")
        }
    }

    /// Looks for AWS's runtime client too, where the function is run by that.
    private func withClient(_ check: Check, _ function: FunctionConfiguration, _ interpreter: Interpreter) -> Check {
        guard function.host.engine == .ric else { return check }
        var check = check
        let version = RicCheck.version(in: interpreter, folder: function.root, variables: ThisProcess.environment)
        if let version {
            check.detail += ", awslambdaric \(version)"
        } else {
            check.state = Check.bad
            check.detail += ", without awslambdaric"
            check.advice = "Its engine is ric: \(interpreter.path) -m pip install awslambdaric"
        }
        return check
    }

    private func interpreter(of function: FunctionConfiguration) -> Check {
        do {
            let interpreter = try interpreters.locate(function.python, from: function.root)
            let detail = "python: \(function.python) is \(interpreter.version), \(interpreter.path)"
            let check = Check(name: "function \(function.name)", state: Check.good, detail: detail)
            return withClient(check, function, interpreter)
        } catch {
            return Check(name: "function \(function.name)", state: Check.bad, detail: "\(error)")
        }
    }
}
