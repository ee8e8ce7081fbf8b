package import LoopModel
internal import PythonProbe

/// Handlers in Python, run by AWS Lambda's own runtime client (`awslambdaric`) as it is installed beside them, with the
/// probe inside.
///
/// The client knows nothing of it: it asks the Runtime API for invocations, and the probe, which was there before it,
/// marks in its journal where they begin and end.
package struct RicRuntime: Runtime {
    static let word = "awslambdaric"
    package let name = Self.word
    private let python: PythonRuntime

    /// - Parameter python: finds interpreters and packages.
    package init(_ python: PythonRuntime) { self.python = python }

    package func program(for configuration: FunctionConfiguration) throws(RuntimeFailure) -> RuntimeProgram {
        observed(try python.program(for: configuration))
    }

    package func program(
        for configuration: FunctionConfiguration,
        progress: @escaping @Sendable (String) -> Void
    ) throws(RuntimeFailure) -> RuntimeProgram {
        observed(try python.program(for: configuration, progress: progress))
    }

    package func isLengthy(for configuration: FunctionConfiguration) -> Bool { python.isLengthy(for: configuration) }

    package func knownProgram(for configuration: FunctionConfiguration) -> RuntimeProgram? {
        python.knownProgram(for: configuration).map(observed)
    }

    private func observed(_ program: RuntimeProgram) -> RuntimeProgram {
        var program = program
        program.speaks = .runtimeAPI
        program.canFork = false
        program.canFork = false
        program.arguments.append(ProbeFile.observing)
        return program
    }
}
