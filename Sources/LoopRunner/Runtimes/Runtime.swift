package import LoopModel
package import LoopOS

/// How functions of one kind are run: a file in this folder and a line in ``AllRuntimes``.
///
/// A program says how it is talked to: ``RuntimeProgram/speaks``.
package protocol Runtime: Sendable {
    /// The word in a manifest's `runtime`; that of awslambdaric is none.
    var name: String { get }

    /// Finds the program for a function; may block for as long as it takes to ask a program for its version.
    ///
    /// - Throws: when there is none that will do.
    func program(for configuration: FunctionConfiguration) throws(RuntimeFailure) -> RuntimeProgram

    /// The same, and tells what goes on where that takes long.
    func program(
        for configuration: FunctionConfiguration,
        progress: @escaping @Sendable (String) -> Void
    ) throws(RuntimeFailure) -> RuntimeProgram

    /// Whether ``program(for:)`` may take minutes, as where packages are installed.
    func isLengthy(for configuration: FunctionConfiguration) -> Bool

    /// The same, but nil where something would have to be found out first; a few system calls at most.
    func knownProgram(for configuration: FunctionConfiguration) -> RuntimeProgram?
}

extension Runtime {
    package func program(
        for configuration: FunctionConfiguration,
        progress: @escaping @Sendable (String) -> Void
    ) throws(RuntimeFailure) -> RuntimeProgram {
        try program(for: configuration)
    }

    package func isLengthy(for configuration: FunctionConfiguration) -> Bool { false }
}

/// What an environment's process is started from.
package struct RuntimeProgram: Hashable, Sendable {
    /// The path of the executable.
    package var executable: String
    /// With the program's name as the first.
    package var arguments: [String]
    /// What the runtime adds to the environment variables.
    package var variables: [String: String]
    package var speaks = RuntimeWire.workerChannel
    /// Whether it has our probe inside, which writes a journal.
    package var hasProbe = true
    /// Whether it becomes a zygote when it is given the argument `zygote`.
    package var canFork = false
    /// Of the interpreter, such as `3.11.7`; empty where there is none.
    package var version = ""
    /// Files and folders of which a change means that it is another program.
    package var traces: [String] = []

    package init(executable: String, arguments: [String], variables: [String: String] = [:]) {
        self.executable = executable
        self.arguments = arguments
        self.variables = variables
    }
}

/// How the runner and a program talk.
package enum RuntimeWire: Hashable, Sendable {
    /// It connects to the path in `LOOPWARDEN_CHANNEL`, says the token of `LOOPWARDEN_TOKEN`, and is told its
    /// configuration and its invocations in frames.
    case workerChannel
    /// It asks for its invocations at the address in `AWS_LAMBDA_RUNTIME_API`, as on AWS Lambda.
    case runtimeAPI
}

/// Why a function cannot be run on this machine.
package enum RuntimeFailure: Error, Hashable, Sendable, CustomStringConvertible {
    case unknownRuntime(String)
    case interpreter(InterpreterFailure)
    /// What the manifest names as the program is none; the text says why.
    case command(String)
    /// The list of its packages cannot be read.
    case requirements(SystemFailure)
    /// Its packages cannot be installed.
    case packages(EnvironmentFailure)
    /// The files that the program needs could not be written.
    case files(SystemFailure)

    package var description: String {
        switch self {
        case .unknownRuntime(let name): "there is no runtime “\(name)”"
        case .interpreter(let failure): "\(failure)"
        case .command(let reason): reason
        case .requirements(let failure): "\(failure.context) cannot be read: \(failure.reason)"
        case .packages(let failure): "\(failure)" + (failure.said.last.map { ": \($0)" } ?? "")
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
    ///   - places: finds the virtual environments of functions; nil: none is looked for.
    ///   - builder: installs packages; nil: none are.
    ///   - variables: the daemon's own.
    package init(
        folder: String,
        locator: InterpreterLocator,
        places: HandlerEnvironments? = nil,
        builder: EnvironmentBuilder? = nil,
        variables: [String: String] = [:]
    ) {
        let python = PythonRuntime(folder: folder, locator: locator, places: places, builder: builder)
        runtimes = [python, RicRuntime(python), ProvidedRuntime(variables: variables)]
    }

    /// The runtime of a function.
    package func runtime(of configuration: FunctionConfiguration) throws(RuntimeFailure) -> any Runtime {
        let isRic = configuration.runtime == "python" && configuration.host.engine == .ric
        return try runtime(named: isRic ? RicRuntime.word : configuration.runtime)
    }

    /// The runtime of that name.
    package func runtime(named name: String) throws(RuntimeFailure) -> any Runtime {
        guard let runtime = runtimes.first(where: { $0.name == name }) else { throw .unknownRuntime(name) }
        return runtime
    }
}
