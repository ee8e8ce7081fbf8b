internal import LoopModel
internal import LoopOS

/// Asks an interpreter whether it has awslambdaric.
package enum RicCheck {
    private static let patience = Duration.seconds(10)
    private static let program = "import awslambdaric; print('awslambdaric', awslambdaric.__version__)"

    /// Starts the interpreter, and waits for it.
    ///
    /// - Parameters:
    ///   - interpreter: the one to ask.
    ///   - folder: the handler's, whose packages count too.
    ///   - variables: what the interpreter finds packages by, such as `HOME`.
    /// - Returns: as in `4.2.2`; nil when it cannot be imported.
    package static func version(in interpreter: Interpreter, folder: String, variables: [String: String]) -> String? {
        let launch = ProcessLaunch(
            executable: interpreter.path,
            arguments: [interpreter.path, "-B", "-c", program],
            environment: variables.filter { ["HOME", "LANG", "LD_LIBRARY_PATH", "PATH"].contains($0.key) },
            directory: folder,
            family: ProcessFamily(name: EnvironmentID.random().rawValue)
        )
        guard let (status, output) = try? CapturedRun.run(launch, limit: patience), status == .exited(0) else {
            return nil
        }
        let words = output.split(whereSeparator: \.isWhitespace)
        return words.first == "awslambdaric" && words.count == 2 ? String(words[1]) : nil
    }
}
