package import LoopModel
internal import LoopOS

/// Programs that bring their own runtime and speak AWS Lambda's Runtime API, in whatever language (facts: lambda §1).
///
/// Nothing of what goes on in them is seen: their invocations have no loops.
package struct ProvidedRuntime: Runtime {
    package let name = "provided"
    /// What is run where the manifest names nothing, as on AWS Lambda.
    private static let bootstrap = "bootstrap"

    /// The daemon's own.
    private let variables: [String: String]

    /// - Parameter variables: the daemon's own; `PATH` says where programs are.
    package init(variables: [String: String]) { self.variables = variables }

    package func program(for configuration: FunctionConfiguration) throws(RuntimeFailure) -> RuntimeProgram {
        let command = configuration.command.isEmpty ? [Self.bootstrap] : configuration.command
        var program = RuntimeProgram(
            executable: try executable(command[0], for: configuration),
            arguments: command
        )
        (program.speaks, program.hasProbe) = (.runtimeAPI, false)
        return program
    }

    package func knownProgram(for configuration: FunctionConfiguration) -> RuntimeProgram? {
        try? program(for: configuration)
    }

    private func executable(_ name: String, for configuration: FunctionConfiguration) throws(RuntimeFailure) -> String {
        if name.hasPrefix("/") { return try executable(at: name) }
        let own = "\(configuration.root)/\(name)"
        if name.contains("/") || configuration.command.isEmpty { return try executable(at: own) }
        let path = configuration.environment["PATH"] ?? variables["PATH"]
        if let found = File.program(name, onPath: path) { return found }
        if FileStamp(path: own) != nil { return try executable(at: own) }
        throw .command("Couldn't find “\(name)”: it is neither in \(configuration.root) nor on the PATH")
    }

    private func executable(at path: String) throws(RuntimeFailure) -> String {
        guard let stamp = FileStamp(path: path), !stamp.isFolder else {
            throw .command("Couldn't find valid bootstrap(s): [\(path)]")
        }
        guard File.canExecute(path) else { throw .command("\(path) may not be executed: chmod +x \(path)") }
        return path
    }
}

extension FunctionConfiguration {
    /// The files of a function's own among the words of its command.
    var commandFiles: Set<String> {
        let words = command.isEmpty ? ["bootstrap"] : command
        let paths = words.map { $0.hasPrefix("/") ? $0 : "\(root)/\($0)" }
        return Set(paths.filter { $0.hasPrefix("\(root)/") && FileStamp(path: $0)?.isFolder == false })
    }
}
