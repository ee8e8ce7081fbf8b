internal import LoopModel
package import LoopOS

/// Makes virtual environments with the packages of a requirements file, each once, and keeps them for the next time.
///
/// One that is ready has a file that says so, which is put there last, by a rename: nothing else is ever used. Who makes
/// one holds a lock that the kernel frees when it dies; whoever wants the same waits for it.
package struct EnvironmentBuilder: Sendable {
    /// How long one may take to be made: what has to be compiled takes long.
    private static let patience = Duration.seconds(3600)
    /// How often a lock that somebody else holds is tried, in nanoseconds.
    private static let pause: Int64 = 100_000_000
    /// How much of what an installer printed last is told, in lines.
    private static let told = 12
    /// Would make an installer put packages elsewhere, or see others.
    private static let misleading: Set<String> = [
        "VIRTUAL_ENV", "PYTHONHOME", "PYTHONPATH", "PYTHONUSERBASE", "__PYVENV_LAUNCHER__", "PIP_TARGET", "PIP_PREFIX",
        "PIP_USER", "PIP_REQUIRE_VIRTUALENV", "CONDA_PREFIX",
    ]

    private let folder: String
    private let variables: [String: String]
    private let uv: String?
    private var progress: @Sendable (Progress) -> Void
    private let isStopped = Locked(false)

    /// What goes on, in a few words.
    package enum Progress: Sendable {
        /// Something that takes a while begins.
        case began(String)
        /// It has come so far.
        case reached(String)

        package var text: String {
            switch self {
            case .began(let text), .reached(let text): text
            }
        }
    }

    /// - Parameters:
    ///   - folder: where the environments are kept; made if need be, where what is around it exists.
    ///   - variables: what the installer sees, and where it is found.
    ///   - progress: told what goes on.
    package init(
        folder: String,
        variables: [String: String],
        progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) {
        self.folder = folder
        self.variables = variables.filter { !Self.misleading.contains($0.key) }
        self.progress = progress
        uv = File.program("uv", onPath: variables["PATH"])
    }

    /// The same, that tells somebody else what goes on.
    func telling(_ progress: @escaping @Sendable (Progress) -> Void) -> Self {
        var other = self
        other.progress = progress
        return other
    }

    /// Ends what is being made, and makes no more.
    func stop() { isStopped.withLock { $0 = true } }

    /// An environment that is ready; nil where it would have to be made.
    func known(
        with requirements: Requirements,
        and more: [String] = [],
        on interpreter: Interpreter
    ) -> String? {
        let place = "\(folder)/\(Self.key(requirements, more, interpreter))"
        return Self.isReady(place) ? place : nil
    }

    private static func mark(of place: String) -> String { "\(place)/loopwarden-ready" }

    private static func isReady(_ place: String) -> Bool {
        FileStamp(path: mark(of: place)) != nil && VirtualEnvironment(folder: place) != nil
    }

    /// An environment with what is required, on an interpreter.
    ///
    /// Made now if there is none yet. Blocks the thread.
    ///
    /// - Parameters:
    ///   - requirements: what is to be in it.
    ///   - more: packages besides.
    ///   - interpreter: whose copy it is.
    /// - Returns: its folder.
    /// - Throws: when it cannot be made; nothing is left of it.
    package func environment(
        with requirements: Requirements,
        and more: [String] = [],
        on interpreter: Interpreter
    ) throws(EnvironmentFailure) -> String {
        let key = Self.key(requirements, more, interpreter)
        let place = "\(folder)/\(key)"
        if Self.isReady(place) { return place }
        do throws(SystemFailure) {
            try Folder.make(folder)
        } catch {
            throw .folder(error)
        }
        let lock = try lock("\(folder)/\(key).lock", what: "\(requirements.name) for Python \(interpreter.version)")
        defer { withExtendedLifetime(lock) {} }
        // Whoever held the lock may have made it.
        if Self.isReady(place) { return place }
        do throws(SystemFailure) {
            if FileStamp(path: place) != nil { try Folder.removeAll(place) }
        } catch {
            throw .folder(error)
        }
        do throws(EnvironmentFailure) {
            try make(place, requirements, more, interpreter)
        } catch {
            try? Folder.removeAll(place)
            throw error
        }
        do throws(SystemFailure) {
            let text = "\(requirements.path)\n\(interpreter.path) \(interpreter.version)\n"
            let mark = Self.mark(of: place)
            try File.write(text.utf8, to: mark + ".new")
            try File.rename(mark + ".new", to: mark)
        } catch {
            throw .folder(error)
        }
        return place
    }

    private static func key(_ requirements: Requirements, _ more: [String], _ interpreter: Interpreter) -> String {
        // Another file at the same path is another interpreter.
        let real = File.realPath(interpreter.path) ?? interpreter.path
        let stamp = FileStamp(path: real)
        let version = interpreter.version
        let hash = fingerprint(
            of: [
                requirements.identity, more.joined(separator: " "), real, "\(version)", interpreter.implementation,
                "\(stamp?.size ?? 0)", "\(stamp?.modified ?? 0)",
            ]
        )
        return "\(version.major).\(version.minor)-\(hash.prefix(20))"
    }

    private func lock(_ path: String, what: String) throws(EnvironmentFailure) -> LockFile {
        let deadline = MonotonicClock.nanoseconds() + Self.patience.nanoseconds
        while true {
            do {
                return try LockFile(path)
            } catch {
                guard case .held(_, let process) = error, MonotonicClock.nanoseconds() < deadline,
                    !isStopped.withLock(\.self)
                else { throw .lock(error) }
                if let process, process != ThisProcess.identifier {
                    progress(.reached("waiting for process \(process), which installs \(what)"))
                }
                Pause.sleep(nanoseconds: Self.pause)
            }
        }
    }

    // MARK: Making

    private func make(
        _ place: String,
        _ requirements: Requirements,
        _ more: [String],
        _ interpreter: Interpreter
    ) throws(EnvironmentFailure) {
        let version = "\(interpreter.version)"
        let python = "\(place)/bin/python"
        if let uv {
            try run("uv venv", [uv, "venv", "--quiet", "--no-project", "--python", interpreter.path, place], version)
            try run(
                "uv pip install",
                [uv, "pip", "install", "--python", python, "--compile-bytecode", "-r", requirements.path] + more,
                version,
                requirements
            )
            return
        }
        guard !requirements.name.hasSuffix(".toml") else { throw .needsUV(requirements.path) }
        try run("python -m venv", [interpreter.path, "-m", "venv", place], version)
        try run(
            "pip install",
            [python, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "-r", requirements.path]
                + more,
            version,
            requirements
        )
    }

    private func run(
        _ command: String,
        _ arguments: [String],
        _ version: String,
        _ requirements: Requirements? = nil
    ) throws(EnvironmentFailure) {
        let title = "Python \(version): \(command)" + (requirements.map { " -r \($0.name)" } ?? "")
        progress(.began(title))
        let launch = ProcessLaunch(
            executable: arguments[0],
            arguments: arguments,
            environment: variables,
            // Relative paths in a requirements file are read from here by pip.
            directory: requirements?.folder ?? "/",
            family: ProcessFamily(name: EnvironmentID.random().rawValue)
        )
        let (status, output): (ExitStatus?, String)
        do throws(LaunchFailure) {
            let goesOn = { [isStopped] in !isStopped.withLock(\.self) }
            (status, output) = try CapturedRun.run(launch, limit: Self.patience, while: goesOn) { [progress] text in
                let line = Self.lines(of: text).last?.drop(while: \.isWhitespace)
                if let line { progress(.reached("\(title): \(line)")) }
            }
        } catch {
            throw .failed(command: command, version: version, ended: "\(error)", said: [])
        }
        guard status == .exited(0) else {
            let unended = isStopped.withLock(\.self) ? "the daemon's end" : "no end within \(Self.patience.spoken)"
            let ended = status.map { "\($0)" } ?? unended
            let said = Array(Self.lines(of: output).suffix(Self.told))
            throw .failed(command: command, version: version, ended: ended, said: said)
        }
    }

    private static func lines(of text: String) -> [String] {
        // A carriage return begins a progress bar anew.
        text.split { $0 == "\n" || $0 == "\r" || $0 == "\r\n" }.map(String.init)
            .filter { $0.contains { !$0.isWhitespace } }
    }
}

/// Why there is no virtual environment with what is required.
package enum EnvironmentFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The installer gave up: how it ended, and its last lines.
    case failed(command: String, version: String, ended: String, said: [String])
    /// Only uv reads such a file.
    case needsUV(String)
    case lock(LockFailure)
    case folder(SystemFailure)

    package var description: String {
        switch self {
        case .failed(let command, let version, let ended, _):
            "the requirements cannot be installed for Python \(version): \(command) ended with \(ended)"
        case .needsUV(let path): "\(path) is read by uv, which is not on the PATH; pip wants a requirements.txt"
        case .lock(let failure): "\(failure)"
        case .folder(let failure): "the requirements cannot be installed: \(failure)"
        }
    }

    /// What the installer said last.
    package var said: [String] { if case .failed(_, _, _, let said) = self { said } else { [] } }
}
