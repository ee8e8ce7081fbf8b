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
        case .notFound(let wanted, let looked, let installed):
            "no Python “\(wanted)” was found (looked at \(looked.joined(separator: ", "))); "
                + (installed.isEmpty
                    ? "none is installed"
                    : "there are " + installed.map { "\($0.version) (\($0.path))" }.joined(separator: ", "))
        case .notExecutable(let path): "\(path) may not be executed"
        case .notWorking(let path, let said): "\(path) is no working Python: \(said)"
        case .tooOld(let path, let version):
            "\(path) is Python \(version); the oldest that is supported is "
                + "\(PythonVersion.oldest.major).\(PythonVersion.oldest.minor)"
        }
    }
}
