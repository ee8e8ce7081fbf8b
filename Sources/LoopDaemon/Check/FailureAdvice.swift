import LoopModel
import LoopOS
import LoopRunner

/// What somebody may do about a handler that cannot be loaded, as far as its error and the files around it tell.
struct FailureAdvice {
    private let function: FunctionConfiguration
    private let seat: Seats.Seat
    private let source: PackageSource
    private let locator: InterpreterLocator
    private let isEventMissing: Bool
    private let here: String
    private let folders: [String]

    /// - Parameters:
    ///   - function: what could not be loaded.
    ///   - seat: what it was run on.
    ///   - source: where its packages come from.
    ///   - locator: knows other interpreters.
    ///   - isEventMissing: whether it was given `{}` because nobody said anything else.
    init(
        on function: FunctionConfiguration,
        _ seat: Seats.Seat,
        _ source: PackageSource,
        _ locator: InterpreterLocator,
        isEventMissing: Bool
    ) {
        (self.function, self.seat, self.source, self.locator) = (function, seat, source, locator)
        self.isEventMissing = isEventMissing
        here = ThisProcess.folder
        folders = HandlerEnvironments.projectFolders(
            from: function.root,
            here: here,
            home: ThisProcess.environment["HOME"]
        )
    }

    /// A sentence or two; nil when nothing is known.
    ///
    /// May start interpreters, and wait for them.
    func text(for invocation: InvocationRecord) -> String? {
        let message = invocation.errorMessage ?? ""
        switch invocation.errorType {
        case "Runtime.UserCodeSyntaxError": return newerSyntax(invocation.stackTrace ?? "")
        case "Runtime.HandlerNotFound": return missingFunction
        case "Runtime.ImportModuleError", "ModuleNotFoundError":
            return Self.missingModule(in: message).flatMap(missing)
        case "KeyError":
            return missingVariable(message, invocation.stackTrace ?? "") ?? missingEvent(message.filter { $0 != "'" })
        case "TypeError" where (invocation.stackTrace ?? "").isEmpty && message.contains("positional argument"):
            return "A handler is called with an event and a context: def handler(event, context)."
        case "Runtime.MarshalError" where message.contains("type coroutine"):
            return
                "\(function.host) calls the handler and awaits nothing: make it a def that runs the coroutine, as in: "
                + "return asyncio.run(main(event))."
        case "AttributeError", "TypeError": return missingEvent(nil)
        default: return nil
        }
    }

    // What to give a handler that got `{}`, because nobody said anything else, and looked for a key in something.
    private func missingEvent(_ key: String?) -> String? {
        guard isEventMissing else { return nil }
        let sources = key.map { key in EventSource.all.filter { Self.keys(of: $0).contains(key) }.map(\.name) } ?? []
        let advice = "The event was {}: --event FILE gives another"
        guard let first = sources.first else { return "\(advice), --event-source NAME what a service sends." }
        let others = sources.count > 1 ? " (or \(sources.dropFirst().joined(separator: ", ")))" : ""
        return "\(advice), and --event-source \(first)\(others) one that has “\(key ?? "")”."
    }

    private static func keys(of source: EventSource) -> [String] {
        ((try? JSONReader.members(of: Array(source.text.utf8))) ?? []).map(\.key)
    }

    // MARK: Modules

    /// The `x.y` of “No module named 'x.y'”.
    private static func missingModule(in message: String) -> String? {
        guard let start = message.firstRange(of: "No module named '")?.upperBound else { return nil }
        return String(message[start...].prefix { $0 != "'" })
    }

    private func missing(_ module: String) -> String? {
        let name = String(module.prefix { $0 != "." })
        let version = seat.interpreter.version
        if name == function.handler.split(whereSeparator: { "./".contains($0) }).first.map(String.init) {
            return missingFile(name)
        }
        if let other = PythonModules.change(of: name, in: version) { return other }
        if module.contains("."), isFile(name, in: function.root) {
            return "\(shown(function.root)) has a \(name), but no \(module) in it."
        }
        if let folder = folders.dropFirst().first(where: { isFile(name, in: $0) }) {
            return """
                “\(name)” lies in \(shown(folder)), but only the handler's own folder, \(shown(function.root)), is on the \
                path, as on AWS Lambda. A plugin.yaml in \(shown(folder)) whose handler is \
                \(handlerName(from: folder)) makes that the folder.
                """
        }
        return "“\(name)” is not installed for Python \(version) (\(seat.packages ?? seat.interpreter.path)). "
            + remedy(name)
    }

    private func remedy(_ name: String) -> String {
        if let file = source.requirementsFile(of: function) { return "Add its package to \(shown(file))." }
        let isBrought = ["boto3", "botocore"].contains(name)
        let brought = isBrought ? "AWS Lambda brings it along; here it is to be installed. " : ""
        let file = folders.map { "\($0)/requirements.txt" }.first { FileStamp(path: $0) != nil }
        let install =
            file.map { "--requirements \(shown($0)) installs what that file lists" }
            ?? "--requirements FILE installs what a file lists"
        var other = "--venv FOLDER takes packages from a virtual environment"
        if seat.packages == nil {
            let unused = HandlerEnvironments(variables: ThisProcess.environment, here: here)
                .environments(of: function.root).first
            if let unused {
                let version = unused.version.map { " is Python \($0), and" } ?? ""
                other = "\(shown(unused.folder))\(version) was not used: --venv \(shown(unused.folder)) does"
            }
        }
        return "\(brought)\(install); \(other)."
    }

    private func missingFile(_ name: String) -> String? {
        let file = function.source.split(separator: "/").last ?? ""
        if file.hasSuffix(".py"), file.dropLast(3).contains(".") {
            return "Python cannot import \(file): a dot in a module's name stands for a folder. Rename the file."
        }
        let files = ((try? Folder.entries(of: function.root)) ?? []).filter { $0.hasSuffix(".py") }.sorted()
        guard !files.contains("\(name).py") else { return nil }
        let there = files.isEmpty ? "no Python file" : files.prefix(12).joined(separator: ", ")
        return "The handler is \(function.handler), but \(shown(function.root)) has no \(name).py; it has \(there)."
    }

    private var missingFunction: String? {
        guard let dot = function.handler.lastIndex(of: ".") else { return nil }
        let module = function.handler[..<dot].replacing(".", with: "/")
        guard let bytes = try? File.read("\(function.root)/\(module).py") else { return nil }
        let names = PythonSource.topLevelNames(in: String(decoding: bytes, as: UTF8.self))
        guard !names.isEmpty else { return "\(module).py defines nothing." }
        let guess = nearestName(to: String(function.handler[dot...].dropFirst()), among: names)
        return "\(module).py defines \(names.joined(separator: ", "))"
            + (guess.map { "; did you mean \($0)?" } ?? ".")
    }

    // MARK: Variables and syntax

    /// A variable of the environment that is read while the handler is loaded.
    private func missingVariable(_ message: String, _ trace: String) -> String? {
        guard trace.contains("os.environ[") else { return nil }
        let name = message.filter { $0 != "'" }
        return "The variable \(name) is not set for the handler: --env \(name)=VALUE sets it, and so does "
            + "“environment:” in a plugin.yaml."
    }

    /// Which interpreter reads what this one does not.
    private func newerSyntax(_ trace: String) -> String? {
        guard let start = trace.firstRange(of: "File \"")?.upperBound else { return nil }
        let file = String(trace[start...].prefix { $0 != "\"" })
        let version = seat.interpreter.version
        let newer = locator.allInstalled().filter {
            ($0.version.major, $0.version.minor) > (version.major, version.minor)
        }
        guard let newest = newer.first, reads(newest, file) else { return nil }
        let oldest = newer.reversed().first { reads($0, file) } ?? newest
        return "This is syntax that Python \(version.major).\(version.minor) does not know; "
            + "\(oldest.version.major).\(oldest.version.minor) reads it."
    }

    private func reads(_ interpreter: Interpreter, _ file: String) -> Bool {
        let program = "import sys; compile(open(sys.argv[1], 'rb').read(), sys.argv[1], 'exec')"
        let launch = ProcessLaunch(
            executable: interpreter.path,
            arguments: [interpreter.path, "-I", "-S", "-W", "ignore", "-c", program, file],
            environment: [:],
            directory: "/",
            family: ProcessFamily(name: EnvironmentID.random().rawValue)
        )
        return (try? CapturedRun.run(launch, limit: .seconds(10)))?.status == .exited(0)
    }

    // MARK: Paths

    /// Whether a module or package of that name is in a folder.
    private func isFile(_ name: String, in folder: String) -> Bool {
        if FileStamp(path: "\(folder)/\(name).py") != nil { return true }
        return ((try? Folder.entries(of: "\(folder)/\(name)")) ?? []).contains { $0.hasSuffix(".py") }
    }

    private func handlerName(from folder: String) -> String {
        let inside = function.root.dropFirst(folder.count).drop { $0 == "/" }
        return (inside.isEmpty ? "" : inside.replacing("/", with: ".") + ".") + function.handler
    }

    private func shown(_ path: String) -> String {
        path == here ? "the working directory" : File.path(path, from: here)
    }
}
