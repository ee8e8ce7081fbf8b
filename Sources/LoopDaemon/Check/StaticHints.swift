import LoopModel
import LoopOS

/// What ruff's ASYNC rules say of handlers' code, where ruff is installed: lines that a check need not have reached.
enum StaticHints {
    /// How long ruff may take.
    private static let patience = Duration.seconds(10)

    /// The hints on functions' code; none where there is no ruff, or it is not understood.
    ///
    /// Blocks the thread.
    static func hints(on functions: [FunctionConfiguration]) -> [CheckHint] {
        guard let ruff = File.program("ruff", onPath: ThisProcess.environment["PATH"]) else { return [] }
        return functions.flatMap { hints(on: $0, by: ruff) }
    }

    private static func hints(on function: FunctionConfiguration, by ruff: String) -> [CheckHint] {
        if function.kind == .notebook { return [] }  // it counts lines in another way
        // A bare file stands beside others that are no business of the handler's.
        let target = function.source.hasSuffix(".py") ? function.source : function.root
        let launch = ProcessLaunch(
            executable: ruff,
            arguments: [
                ruff, "check", "--isolated", "--no-cache", "--quiet", "--exit-zero", "--select", "ASYNC",
                "--output-format", "json", target,
            ],
            environment: ThisProcess.environment.filter { ["PATH", "HOME", "TMPDIR", "LANG"].contains($0.key) },
            directory: function.root,
            family: ProcessFamily(name: EnvironmentID.random().rawValue)
        )
        guard let (status, output) = try? CapturedRun.run(launch, limit: patience), status == .exited(0),
            let rows = try? JSONReader.value(of: Array(output.utf8)).elements
        else { return [] }
        return rows.compactMap { row in
            guard let code = row["code"]?.stringValue, let message = row["message"]?.stringValue,
                let path = row["filename"]?.stringValue, let line = row["location"]?["row"]?.intValue
            else { return nil }
            let file = File.path(path, from: function.root)
            return CheckHint(
                function: function.name,
                line: CodeLine(file: file, line: line, function: ""),
                code: code,
                message: message
            )
        }
    }
}
