package import LoopModel
internal import LoopOS
internal import PythonProbe

/// Handlers in Python, run by the user's own CPython.
package struct PythonRuntime: Runtime {
    package let name = "python"
    private let folder: String
    private let locator: InterpreterLocator

    /// - Parameters:
    ///   - folder: where the worker's files are unpacked; exists.
    ///   - locator: finds interpreters.
    package init(folder: String, locator: InterpreterLocator) {
        self.folder = folder
        self.locator = locator
    }

    package func program(for configuration: FunctionConfiguration) throws(RuntimeFailure) -> RuntimeProgram {
        let interpreter: Interpreter
        do throws(InterpreterFailure) {
            interpreter = try locator.locate(configuration.python, from: configuration.root)
        } catch {
            throw .interpreter(error)
        }
        do throws(SystemFailure) {
            return try program(interpreter)
        } catch {
            throw .files(error)
        }
    }

    package func knownProgram(for configuration: FunctionConfiguration) -> RuntimeProgram? {
        guard let interpreter = locator.known(configuration.python, from: configuration.root) else { return nil }
        return try? program(interpreter)
    }

    private func program(_ interpreter: Interpreter) throws(SystemFailure) -> RuntimeProgram {
        let files = try ProbeFile.unpack(into: folder)
        let version = "\(interpreter.version.major).\(interpreter.version.minor)"
        return RuntimeProgram(
            executable: interpreter.path,
            arguments: [interpreter.path, "\(files)/\(ProbeFile.bootstrap)"],
            variables: ["AWS_EXECUTION_ENV": "AWS_Lambda_python\(version)", "PYTHONUNBUFFERED": "1"]
        )
    }
}
