package import LoopModel
package import LoopOS

/// How functions of one kind are run: a file in this folder and a line in ``AllRuntimes``.
///
/// Whatever the program is, it speaks the worker protocol: it connects to the path in `LOOPWARDEN_CHANNEL`, says the
/// token of `LOOPWARDEN_TOKEN`, and is told its configuration.
package protocol Runtime: Sendable {
    /// The word in a manifest's `runtime`.
    var name: String { get }

    /// Finds the program for a function; may block for as long as it takes to ask a program for its version.
    ///
    /// - Throws: when there is none that will do.
    func program(for configuration: FunctionConfiguration) throws(RuntimeFailure) -> RuntimeProgram

    /// The same, but nil where something would have to be found out first; a few system calls at most.
    func knownProgram(for configuration: FunctionConfiguration) -> RuntimeProgram?
}

/// What an environment's process is started from.
package struct RuntimeProgram: Hashable, Sendable {
    /// The path of the executable.
    package var executable: String
    /// With the program's name as the first.
    package var arguments: [String]
    /// What the runtime adds to the environment variables.
    package var variables: [String: String]

    package init(executable: String, arguments: [String], variables: [String: String] = [:]) {
        self.executable = executable
        self.arguments = arguments
        self.variables = variables
    }
}

/// Why a function cannot be run on this machine.
package enum RuntimeFailure: Error, Hashable, Sendable, CustomStringConvertible {
    case unknownRuntime(String)
    case interpreter(InterpreterFailure)
    /// The files that the program needs could not be written.
    case files(SystemFailure)

    package var description: String {
        switch self {
        case .unknownRuntime(let name): "there is no runtime “\(name)”"
        case .interpreter(let failure): "\(failure)"
        case .files(let failure): "the worker's files could not be written: \(failure)"
        }
    }
}

/// The runtimes that a manifest may name.
package struct AllRuntimes: Sendable {
    package let runtimes: [any Runtime]

    /// - Parameters:
    ///   - folder: where runtimes may keep files; exists.
    ///   - locator: finds interpreters.
    package init(folder: String, locator: InterpreterLocator) {
        runtimes = [
            PythonRuntime(folder: folder, locator: locator)
        ]
    }

    /// The runtime of that name.
    package func runtime(named name: String) throws(RuntimeFailure) -> any Runtime {
        guard let runtime = runtimes.first(where: { $0.name == name }) else { throw .unknownRuntime(name) }
        return runtime
    }
}
