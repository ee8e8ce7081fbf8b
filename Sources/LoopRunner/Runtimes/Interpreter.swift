/// A Python interpreter as it has described itself.
package struct Interpreter: Hashable, Sendable {
    /// `sys.executable`: behind any shim, and still inside its virtual environment.
    package var path: String
    package var version: PythonVersion
    /// `sys.implementation.name`.
    package var implementation: String

    package init(path: String, version: PythonVersion, implementation: String) {
        self.path = path
        self.version = version
        self.implementation = implementation
    }
}

/// A version of Python.
package struct PythonVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var major: Int
    package var minor: Int
    package var micro: Int

    /// The oldest that the probe runs on.
    package static let oldest = Self(major: 3, minor: 8, micro: 0)

    package init(major: Int, minor: Int, micro: Int) {
        self.major = major
        self.minor = minor
        self.micro = micro
    }

    /// Reads `3.11.7`.
    package init?(_ text: some StringProtocol) {
        let numbers = text.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
        guard numbers.count == 3, let major = numbers[0], let minor = numbers[1], let micro = numbers[2] else {
            return nil
        }
        self.init(major: major, minor: minor, micro: micro)
    }

    package var description: String { "\(major).\(minor).\(micro)" }

    package static func < (left: Self, right: Self) -> Bool {
        (left.major, left.minor, left.micro) < (right.major, right.minor, right.micro)
    }
}

/// Why there is no interpreter for a function.
package enum InterpreterFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// Nothing fits; with the places that were looked at and what is installed.
    case notFound(wanted: String, looked: [String], installed: [Interpreter])
    /// The file that was named may not be executed.
    case notExecutable(path: String)
    /// The file that was named is no Python, or does not work; with what it printed or why it did not start.
    case notWorking(path: String, said: String)
    case tooOld(path: String, version: PythonVersion)

    package var description: String {
        switch self {
        case .notFound(let wanted, _, _) where wanted.contains("/"): "there is no interpreter at \(wanted)"
        case .notFound(let wanted, _, let installed):
            "no Python “\(wanted)” was found; "
                + (installed.isEmpty ? "none is installed" : "there are \(Self.versions(of: installed))")
                + Self.advice(wanted)
        case .notExecutable(let path): "\(path) may not be executed"
        case .notWorking(let path, let said): "\(path) is no working Python: \(said)"
        case .tooOld(let path, let version):
            "\(path) is Python \(version); the oldest that is supported is "
                + "\(PythonVersion.oldest.major).\(PythonVersion.oldest.minor)"
        }
    }

    /// Each once, the newest first.
    private static func versions(of installed: [Interpreter]) -> String {
        var told: Set<PythonVersion> = []
        return installed.map(\.version).filter { $0 >= .oldest && told.insert($0).inserted }
            .map(\.description).joined(separator: ", ")
    }

    /// How a version can be had.
    private static func advice(_ wanted: String) -> String {
        let version = wanted.hasPrefix("python") ? String(wanted.dropFirst("python".count)) : wanted
        let parts = version.split(separator: ".")
        guard parts.count >= 2, parts.allSatisfy({ Int($0) != nil }) else { return "" }
        return "; “uv python install \(version)” or “pyenv install \(version)” gets it"
    }
}
