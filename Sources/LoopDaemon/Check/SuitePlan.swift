package import LoopModel

/// Suites of tests that are to be checked, as pytest is told of them.
package struct SuitePlan: Sendable {
    /// Where pytest is started.
    package var folder: String
    /// Test files, folders and node ids; none: what pytest's configuration says.
    package var targets: [String]
    /// Further arguments of pytest's.
    package var arguments: [String]
    /// Empty: `python3`.
    package var pythons: [String] = []
    /// Empty: asyncio's.
    package var loops: [LoopImplementation] = []
    /// Where pytest and what the tests need come from.
    package var packages = PackageSource.own
    /// Added to the environment that pytest is started in.
    package var variables: [String: String] = [:]
    package var threshold = Severity.warning
    /// The longest that one test may take, with its fixtures; nil: as is usual for tests.
    package var timeout: Duration?

    package init(folder: String, targets: [String], arguments: [String]) {
        self.folder = folder
        self.targets = targets
        self.arguments = arguments
    }

    /// The suite as a function whose invocations are its tests.
    package var suite: FunctionConfiguration {
        let target = targets.first.map { String($0.prefix { $0 != ":" }) } ?? folder
        let name = target.split(separator: "/").last { $0 != "." && $0 != ".." }.map(String.init) ?? "tests"
        var suite = FunctionConfiguration(
            name: FunctionName(sanitizing: name),
            root: folder,
            source: target.hasPrefix("/") ? target : "\(folder)/\(target)",
            handler: ""
        )
        suite.become(.tests)
        suite.haveToItself()
        if let timeout { suite.timeout = timeout }
        suite.environment = variables
        suite.handler = handler(targets + arguments, within: suite.timeout)
        return suite
    }

    /// By interpreter, then by loop.
    var cells: [CheckPlan.Cell] {
        let suite = suite
        var cells: [CheckPlan.Cell] = []
        for python in pythons.isEmpty ? [suite.python] : pythons {
            for loop in loops.isEmpty ? [LoopImplementation.asyncio] : loops {
                var cell = suite
                (cell.python, cell.loop) = (python, loop)
                cells.append(CheckPlan.Cell(index: cells.count, configuration: cell, usual: suite))
            }
        }
        return cells
    }

    /// A session of only a few of the tests, in this order, which leaves no trace in the user's folder.
    func narrowed(_ cell: FunctionConfiguration, to tests: [String], cache: String) -> FunctionConfiguration {
        var cell = cell
        let own = ["-p", "no:randomly", "-o", "cache_dir=\(cache)"]
        cell.handler = handler(tests + arguments + own, within: cell.timeout)
        return cell
    }

    /// A command line that runs only a few of the tests, in this order.
    func command(for tests: [String]) -> String {
        (["pytest"] + tests + arguments).map(ShellWord.quoted).joined(separator: " ")
    }

    /// Lets pytest say where a test stands shortly before its time is over.
    private func handler(_ arguments: [String], within time: Duration) -> String {
        let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
        let own = arguments.contains("no:faulthandler") ? [] : ["-o", "faulthandler_timeout=\(seconds * 0.9)"]
        return JSON.array((own + arguments).map(JSON.string)).text
    }
}
