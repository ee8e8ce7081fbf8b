internal import LoopOS

/// The virtual environments in which a person would expect a handler to run, though nobody named one.
package struct HandlerEnvironments: Sendable {
    /// What marks the folder of a project.
    private static let marks = [
        "pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "template.yaml", "template.yml",
        "serverless.yml",
    ]
    private static let names = [".venv", "venv"]

    private let active: String?
    private let home: String?
    /// The working directory.
    private let here: String

    /// - Parameters:
    ///   - variables: `VIRTUAL_ENV` names the active environment.
    ///   - here: the working directory, absolute.
    package init(variables: [String: String], here: String) {
        active = variables["VIRTUAL_ENV"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        home = variables["HOME"]
        self.here = here
    }

    /// The first of ``environments(of:)`` that is what an interpreter's name asks for.
    package func environment(of root: String, for python: String) -> VirtualEnvironment? {
        environments(of: root).first { $0.fits(python) }
    }

    /// The active one, then `.venv` or `venv` beside the handler, then in the folders above it as far as the project
    /// goes.
    ///
    /// - Parameter root: the handler's folder, absolute.
    /// - Returns: those that have an interpreter.
    package func environments(of root: String) -> [VirtualEnvironment] {
        let folders = Self.projectFolders(from: root, here: here, home: home)
        let paths = [active].compactMap(\.self) + folders.flatMap { folder in Self.names.map { "\(folder)/\($0)" } }
        var told: Set<String> = []
        return paths.compactMap(VirtualEnvironment.init).filter { told.insert($0.folder).inserted }
    }

    /// A handler's folder and those above it that belong to the same project, the innermost first.
    ///
    /// A repository ends at its `.git`; without one, the outermost folder with a project's file or the working
    /// directory counts. A home folder is no project unless the handler lies right in it.
    package static func projectFolders(from root: String, here: String, home: String?) -> [String] {
        var folders: [String] = []
        var last = 0
        var folder = root
        while !folder.isEmpty {
            if folder == home, !folders.isEmpty { break }
            folders.append(folder)
            if FileStamp(path: "\(folder)/.git") != nil { return folders }
            if folder == here || marks.contains(where: { FileStamp(path: "\(folder)/\($0)") != nil }) {
                last = folders.count - 1
            }
            folder = String(folder[..<(folder.lastIndex(of: "/") ?? folder.startIndex)])
        }
        return Array(folders.prefix(last + 1))
    }
}
