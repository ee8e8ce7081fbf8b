package import LoopModel
internal import LoopOS
internal import PythonProbe

/// Handlers in Python, run by the user's own CPython.
package struct PythonRuntime: Runtime {
    package let name = "python"
    private let folder: String
    private let locator: InterpreterLocator
    private let places: HandlerEnvironments?
    private let builder: EnvironmentBuilder?

    /// - Parameters:
    ///   - folder: where the worker's files are unpacked; exists.
    ///   - locator: finds interpreters.
    ///   - places: finds the virtual environments of functions; nil: none is looked for.
    ///   - builder: installs packages; nil: none are.
    package init(
        folder: String,
        locator: InterpreterLocator,
        places: HandlerEnvironments? = nil,
        builder: EnvironmentBuilder? = nil
    ) {
        self.folder = folder
        self.locator = locator
        self.places = places
        self.builder = builder
    }

    package func program(for configuration: FunctionConfiguration) throws(RuntimeFailure) -> RuntimeProgram {
        try program(for: configuration) { _ in }
    }

    package func program(
        for configuration: FunctionConfiguration,
        progress: @escaping @Sendable (String) -> Void
    ) throws(RuntimeFailure) -> RuntimeProgram {
        switch configuration.packages {
        case .own:
            let own = places?.environment(of: configuration.root, for: configuration.python)
            return try program(located(own?.folder ?? configuration.python, configuration), own?.traces ?? [])
        case .environment(let folder):
            let traces = VirtualEnvironment(folder: folder)?.traces ?? []
            return try program(located(folder, configuration), traces)
        case .requirements(let path):
            let requirements: Requirements
            do throws(SystemFailure) {
                requirements = try Requirements(path: path)
            } catch {
                throw .requirements(error)
            }
            let interpreter = try located(configuration.python, configuration)
            guard let builder = builder?.telling({ progress($0.text) }) else {
                return try program(interpreter, [])
            }
            let folder: String
            do throws(EnvironmentFailure) {
                folder = try builder.environment(
                    with: requirements,
                    and: Self.more(for: configuration, requirements),
                    on: interpreter
                )
            } catch {
                throw .packages(error)
            }
            return try program(located(folder, configuration), requirements.files)
        }
    }

    package func isLengthy(for configuration: FunctionConfiguration) -> Bool {
        if case .requirements = configuration.packages { builder != nil } else { false }
    }

    package func knownProgram(for configuration: FunctionConfiguration) -> RuntimeProgram? {
        func known(_ python: String) -> Interpreter? { locator.known(python, from: configuration.root) }
        switch configuration.packages {
        case .own:
            let own = places?.environment(of: configuration.root, for: configuration.python)
            guard let interpreter = known(own?.folder ?? configuration.python) else { return nil }
            return try? program(interpreter, own?.traces ?? [])
        case .environment(let folder):
            guard let interpreter = known(folder) else { return nil }
            return try? program(interpreter, VirtualEnvironment(folder: folder)?.traces ?? [])
        case .requirements(let path):
            guard let base = known(configuration.python), let requirements = try? Requirements(path: path) else {
                return nil
            }
            let more = Self.more(for: configuration, requirements)
            let folder = builder?.known(with: requirements, and: more, on: base)
            guard let interpreter = folder.flatMap(known) else { return nil }
            return try? program(interpreter, requirements.files)
        }
    }

    /// What is installed though nobody has listed it.
    private static func more(for configuration: FunctionConfiguration, _ requirements: Requirements) -> [String] {
        configuration.loop == .uvloop && !requirements.names("uvloop") ? ["uvloop"] : []
    }

    private func located(
        _ python: String,
        _ configuration: FunctionConfiguration
    ) throws(RuntimeFailure) -> Interpreter {
        do throws(InterpreterFailure) {
            return try locator.locate(python, from: configuration.root)
        } catch {
            throw .interpreter(error)
        }
    }

    private func program(_ interpreter: Interpreter, _ traces: [String]) throws(RuntimeFailure) -> RuntimeProgram {
        let files: String
        do throws(SystemFailure) {
            files = try ProbeFile.unpack(into: folder)
        } catch {
            throw .files(error)
        }
        let version = "\(interpreter.version.major).\(interpreter.version.minor)"
        var program = RuntimeProgram(
            executable: interpreter.path,
            arguments: [interpreter.path, "\(files)/\(ProbeFile.bootstrap)"],
            variables: ["AWS_EXECUTION_ENV": "AWS_Lambda_python\(version)", "PYTHONUNBUFFERED": "1"]
        )
        program.traces = traces
        program.canFork = true
        program.version = "\(interpreter.version)"
        return program
    }
}
