internal import LoopModel
internal import LoopOS
internal import PythonProbe

/// Asks an interpreter which detections the probe cannot make in it.
package enum ProbeCheck {
    /// How long it may take: importing asyncio takes most of it.
    private static let patience = Duration.seconds(10)

    private static let program = """
        import sys; sys.path.insert(0, sys.argv.pop()); from loopwarden_probe.__main__ import main; main(["--check"])
        """

    /// Starts the interpreter, and waits for it.
    ///
    /// - Parameters:
    ///   - interpreter: the one to ask.
    ///   - folder: where the probe's files are or are put; exists.
    /// - Returns: what is off and why, a line each.
    /// - Throws: ``InterpreterFailure`` when it gives no answer.
    package static func detectionsOff(
        in interpreter: Interpreter,
        folder: String
    ) throws(InterpreterFailure) -> [String] {
        let (status, output): (ExitStatus?, String)
        do {
            let files = try ProbeFile.unpack(into: folder)
            let launch = ProcessLaunch(
                executable: interpreter.path,
                arguments: [interpreter.path, "-I", "-B", "-c", program, files],
                environment: [:],
                directory: "/",
                family: ProcessFamily(name: EnvironmentID.random().rawValue)
            )
            (status, output) = try CapturedRun.run(launch, limit: patience)
        } catch {
            throw .notWorking(path: interpreter.path, said: "\(error)")
        }
        guard status == .exited(0), case .array(let rows)? = try? JSONReader.value(of: Array(output.utf8)) else {
            throw .notWorking(path: interpreter.path, said: String(output.suffix(200)))
        }
        return rows.map { "\($0["hook"]?.stringValue ?? ""): \($0["reason"]?.stringValue ?? "")" }
    }
}
