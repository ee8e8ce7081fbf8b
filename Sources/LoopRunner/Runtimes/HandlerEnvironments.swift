internal import LoopOS

/// The virtual environments in which a person would expect a handler to run, though nobody named one.
package struct HandlerEnvironments: Sendable {
    private let active: String?
    private let home: String?
    /// The working directory.
    private let here: String
    /// What was found from a handler's folder.
    private let known = Locked<[String: ProjectSearch]>([:])

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
        let paths = [active].compactMap(\.self) + search(from: root).environments
        var told: Set<String> = []
        return paths.compactMap(VirtualEnvironment.init).filter { told.insert($0.folder).inserted }
    }

    /// A search anew, or one that would find the same again: it looks at some 60 names, before every cold start.
    private func search(from root: String) -> ProjectSearch {
        if let search = known.withLock({ $0[root] }), search.holds { return search }
        let search = ProjectSearch(from: root, here: here, home: home)
        known.withLock { $0[root] = search }
        return search
    }

    /// A handler's folder and those above it that belong to the same project, the innermost first.
    package static func projectFolders(from root: String, here: String, home: String?) -> [String] {
        ProjectSearch(from: root, here: here, home: home).folders
    }
}
