internal import LoopOS

/// Where interpreters are looked for: on the PATH, where version managers keep them, and where systems install them.
struct InterpreterPlaces: Sendable {
    /// An interpreter that a version manager keeps, by the folder's name.
    struct Managed: Hashable {
        var path: String
        var version: PythonVersion
        /// A release without a suffix: no release candidate, no build without the lock.
        var isPlain: Bool
    }

    /// The variables that say where interpreters are.
    let environment: [String: String]

    /// The folders of the PATH, each once, after that of the active virtual environment.
    var searchPath: [String] {
        let active = ["VIRTUAL_ENV", "CONDA_PREFIX"].compactMap { environment[$0] }.map { "\($0)/bin" }
        let path = (environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":").map(String.init)
        var seen: Set<String> = []
        // An active environment is first on the PATH, except where somebody has put something before it on purpose.
        return (path.contains { active.contains($0) } ? path : active + path)
            .filter { $0.hasPrefix("/") && seen.insert($0).inserted }
    }

    /// The folders that have interpreters though they may not be on the PATH.
    var usualFolders: [String] {
        let path = searchPath
        return [
            "\(home)/.local/bin", "/usr/local/bin", "/usr/bin", "/home/linuxbrew/.linuxbrew/bin", "/var/lang/bin",
        ].filter { !path.contains($0) && $0.hasPrefix("/") }
    }

    /// The folders of the version managers that are there.
    var managers: [String] { families.map(\.folder).filter { FileStamp(path: $0) != nil } }

    /// What version managers keep of a version.
    ///
    /// - Parameter prefix: `3`, `3.11` or `3.11.7`; empty: any.
    /// - Returns: releases first, and of these the newest.
    func managed(prefix: String) -> [Managed] {
        var seen: Set<String> = []
        return families.flatMap(\.managed)
            .filter { prefix.isEmpty || "\($0.version).".hasPrefix("\(prefix).") }
            .sorted { ($0.isPlain ? 1 : 0, $0.version, $1.path) > ($1.isPlain ? 1 : 0, $1.version, $0.path) }
            .filter { seen.insert($0.path).inserted }
    }

    // MARK: Version managers

    private var home: String { environment["HOME"] ?? "" }

    private func folder(_ variable: String, _ usual: String) -> String { environment[variable] ?? "\(home)/\(usual)" }

    /// One line for each version manager.
    private var families: [Family] {
        let data = folder("XDG_DATA_HOME", ".local/share")
        return [
            Family(folder("PYENV_ROOT", ".pyenv") + "/versions", "", "/bin/python"),
            Family(environment["UV_PYTHON_INSTALL_DIR"] ?? "\(data)/uv/python", "cpython-", "/bin/python3"),
            Family(folder("ASDF_DATA_DIR", ".asdf") + "/installs/python", "", "/bin/python"),
            Family((environment["MISE_DATA_DIR"] ?? "\(data)/mise") + "/installs/python", "", "/bin/python"),
            Family(folder("RYE_HOME", ".rye") + "/py", "cpython@", "/bin/python3"),
            Family("\(data)/hatch/env/virtual/.pythons", "", "/python/bin/python3"),
            Family("\(data)/hatch/pythons", "", "/python/bin/python3"),
            // GitHub's and Azure's machines.
            Family((environment["RUNNER_TOOL_CACHE"] ?? "/opt/hostedtoolcache") + "/Python", "", "/x64/bin/python"),
            Family("/opt/python", "", "/bin/python3"),
        ]
    }

    /// A folder with one folder for each interpreter, named after its version.
    private struct Family {
        let folder: String
        /// What stands before the version in a name.
        let prefix: String
        /// Of the interpreter, in its folder.
        let python: String

        init(_ folder: String, _ prefix: String, _ python: String) {
            (self.folder, self.prefix, self.python) = (folder, prefix, python)
        }

        var managed: [Managed] {
            ((try? Folder.entries(of: folder)) ?? []).compactMap { name in
                guard name.hasPrefix(prefix) else { return nil }
                // For example 3.12.3, 3.14-dev, 3.13.0t, and of uv's 3.12.3-linux-x86_64-gnu, 3.14.0rc2-linux-….
                let text = name.dropFirst(prefix.count)
                let numbers = text.prefix { $0.isASCII && $0.isNumber || $0 == "." }.split(separator: ".")
                guard numbers.count >= 2, let version = Self.version(numbers) else { return nil }
                let rest = text.dropFirst(numbers.joined(separator: ".").count)
                let isPlain = rest.isEmpty || (!prefix.isEmpty && rest.hasPrefix("-"))
                return Managed(path: "\(folder)/\(name)\(python)", version: version, isPlain: isPlain)
            }
        }

        private static func version(_ numbers: [Substring]) -> PythonVersion? {
            PythonVersion((numbers.prefix(3) + ["0", "0"]).prefix(3).joined(separator: "."))
        }
    }
}
