internal import LoopModel
internal import LoopOS

/// Finds Python interpreters, and asks each of them once what it is.
package final class InterpreterLocator: Sendable {
    private struct Answer {
        var stamp: FileStamp
        var result: Result<Interpreter, InterpreterFailure>
    }

    private struct Known {
        /// What was wanted, and from where, to the path that turned out to be it.
        var choices: [String: String] = [:]
        /// What was said by the file at a path.
        var answers: [String: Answer] = [:]
    }

    private let environment: [String: String]
    private let places: InterpreterPlaces
    private let known = Locked(Known())

    /// - Parameter environment: the variables that say where interpreters are: PATH, HOME, VIRTUAL_ENV, PYENV_ROOT,
    ///   UV_PYTHON_INSTALL_DIR and their like.
    package init(environment: [String: String]) {
        self.environment = environment
        places = InterpreterPlaces(environment: environment)
    }

    /// Finds what a manifest names; starts interpreters that were not asked before, and waits for them.
    ///
    /// - Parameters:
    ///   - wanted: a version (`3.11`, `3.11.7`, `python3.11`), a name on the PATH (`python3`), the path of an
    ///     interpreter, or the folder of a virtual environment.
    ///   - folder: what a relative path starts from.
    /// - Returns: the first that fits and works.
    /// - Throws: when nothing that fits works.
    package func locate(_ wanted: String, from folder: String) throws(InterpreterFailure) -> Interpreter {
        if let interpreter = known(wanted, from: folder) { return interpreter }
        let wish = Wish(wanted, from: folder, home: environment["HOME"])
        let candidates = candidates(for: wish)
        var looked: [String] = []
        var tooOld: InterpreterFailure?
        for path in candidates.paths {
            looked.append(path)
            guard let stamp = FileStamp(path: path), !stamp.isFolder else { continue }
            do throws(InterpreterFailure) {
                let interpreter = try ask(path, stamp: stamp)
                guard wish.accepts(interpreter.version) else { continue }
                guard interpreter.version >= .oldest else {
                    throw InterpreterFailure.tooOld(path: interpreter.path, version: interpreter.version)
                }
                known.withLock { $0.choices[Self.key(wanted, folder)] = path }
                return interpreter
            } catch {
                // A broken file among many is passed over; one that was named is what the user must hear of.
                if wish.isExplicit { throw error }
                if case .tooOld = error { tooOld = tooOld ?? error }
            }
        }
        if let tooOld { throw tooOld }
        throw .notFound(
            wanted: wanted,
            looked: candidates.isNamed ? candidates.places : looked,
            installed: wish.isExplicit ? [] : allInstalled()
        )
    }

    /// What ``locate(_:from:)`` has found before, if the file is still the same.
    package func known(_ wanted: String, from folder: String) -> Interpreter? {
        let path = known.withLock { $0.choices[Self.key(wanted, folder)] }
        guard let path, let stamp = FileStamp(path: path) else { return nil }
        let answer = known.withLock { $0.answers[path] }
        guard let answer, answer.stamp == stamp else { return nil }
        return try? answer.result.get()
    }

    /// Every interpreter that a version could find, the newest first; each only once.
    ///
    /// Starts those that were not asked before, and waits for them.
    package func allInstalled() -> [Interpreter] {
        var paths: [String] = []
        // A shim only leads to what is found without it, and slowly.
        for folder in places.searchPath + places.usualFolders where !folder.hasSuffix("/shims") {
            let names = (try? Folder.entries(of: folder)) ?? []
            paths += names.filter(Self.isInterpreterName).sorted().map { "\(folder)/\($0)" }
        }
        paths += places.managed(prefix: "").map(\.path)
        var seen: Set<String> = []
        let found = paths.compactMap { path -> Interpreter? in
            guard seen.insert(Self.identity(of: path)).inserted, let stamp = FileStamp(path: path), !stamp.isFolder
            else { return nil }
            return try? ask(path, stamp: stamp)
        }
        return found.sorted { ($0.version, $1.path) > ($1.version, $0.path) }
    }

    /// The same for all names of one interpreter; every virtual environment is one of its own.
    private static func identity(of path: String) -> String {
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
        if FileStamp(path: "\(folder)/pyvenv.cfg") != nil { return folder }
        return File.realPath(path) ?? path
    }

    // MARK: Where

    private func candidates(for wish: Wish) -> (paths: [String], places: [String], isNamed: Bool) {
        switch wish {
        case .path(let path):
            if FileStamp(path: path)?.isFolder == true {
                return (["\(path)/bin/python", "\(path)/bin/python3"], [path], false)
            }
            return ([path], [path], false)
        case .name(let name):
            // Where nothing on the PATH is called `python3`, any Python will do.
            let others = ["python", "python3"].contains(name) ? places.managed(prefix: "3").map(\.path) : []
            return (places.searchPath.map { "\($0)/\(name)" } + others, places.searchPath, true)
        case .version(let numbers):
            let prefix = numbers.map(String.init).joined(separator: ".")
            let name = "python" + numbers.prefix(2).map(String.init).joined(separator: ".")
            let folders = places.searchPath + places.usualFolders
            let paths =
                places.searchPath.map { "\($0)/\(name)" } + places.managed(prefix: prefix).map(\.path)
                + places.usualFolders.map { "\($0)/\(name)" }
            return (paths, folders + places.managers, true)
        }
    }

    private static func isInterpreterName(_ name: String) -> Bool {
        guard name.hasPrefix("python") else { return false }
        return name.dropFirst("python".count).allSatisfy { $0.isNumber || $0 == "." }
    }

    private static func key(_ wanted: String, _ folder: String) -> String {
        "\(folder)\u{0}\(wanted)"
    }

    // MARK: Asking

    private func ask(_ path: String, stamp: FileStamp) throws(InterpreterFailure) -> Interpreter {
        if let answer = known.withLock({ $0.answers[path] }), answer.stamp == stamp { return try answer.result.get() }
        let result = Result { () throws(InterpreterFailure) in try askAnew(path) }
        known.withLock { $0.answers[path] = Answer(stamp: stamp, result: result) }
        return try result.get()
    }

    /// How long an interpreter may take to say its version; shims written in shell take a while on a busy machine.
    private static let patience = Duration.seconds(10)

    private static let question = """
        import sys; print("loopwarden", "%d.%d.%d" % sys.version_info[:3], sys.implementation.name, sys.executable)
        """

    private func askAnew(_ path: String) throws(InterpreterFailure) -> Interpreter {
        guard File.canExecute(path) else { throw .notExecutable(path: path) }
        let inherited = environment.filter { Self.passedOn.contains($0.key) || $0.key.hasPrefix("PYENV_") }
        let launch = ProcessLaunch(
            executable: path,
            arguments: [path, "-I", "-S", "-c", Self.question],
            environment: inherited,
            directory: "/",
            family: ProcessFamily(name: EnvironmentID.random().rawValue)
        )
        let (status, output): (ExitStatus?, String)
        do throws(LaunchFailure) {
            (status, output) = try CapturedRun.run(launch, limit: Self.patience)
        } catch {
            throw .notWorking(path: path, said: "\(error)")
        }
        guard let status else { throw .notWorking(path: path, said: "no answer within \(Self.patience.spoken)") }
        let words = output.split(separator: "\n").first { $0.hasPrefix("loopwarden ") }?
            .split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
        guard status == .exited(0), let words, words.count == 4, let version = PythonVersion(words[1]) else {
            let said = output.split(separator: "\n").last.map { String($0.prefix(200)) } ?? "\(status)"
            throw .notWorking(path: path, said: said)
        }
        return Interpreter(path: String(words[3]), version: version, implementation: String(words[2]))
    }

    private static let passedOn: Set<String> = ["PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "TMPDIR"]
}

/// What a manifest's `python` says.
private enum Wish {
    case version([Int])
    case name(String)
    case path(String)

    init(_ text: String, from folder: String, home: String?) {
        if let numbers = Self.version(in: text) {
            self = .version(numbers)
        } else if text.hasPrefix("/") {
            self = .path(text)
        } else if text.hasPrefix("~/"), let home {
            self = .path(home + text.dropFirst())
        } else if text.contains("/") {
            self = .path("\(folder)/\(text)")
        } else if FileStamp(path: "\(folder)/\(text)/bin/python") != nil {
            // `.venv`, beside the handler.
            self = .path("\(folder)/\(text)")
        } else {
            self = .name(text)
        }
    }

    /// The numbers of `3.11`, and of `python3.11`, which need not be on the PATH either; `python3` is a name.
    private static func version(in text: String) -> [Int]? {
        let isNamed = text.hasPrefix("python") && text.contains(".")
        let numbers = text.dropFirst(isNamed ? "python".count : 0)
            .split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
        return (1...3).contains(numbers.count) && !numbers.contains(nil) ? numbers.compactMap { $0 } : nil
    }

    /// Whether one certain file was named.
    var isExplicit: Bool {
        if case .path = self { true } else { false }
    }

    func accepts(_ version: PythonVersion) -> Bool {
        guard case .version(let numbers) = self else { return true }
        return zip(numbers, [version.major, version.minor, version.micro]).allSatisfy { $0 == $1 }
    }
}
