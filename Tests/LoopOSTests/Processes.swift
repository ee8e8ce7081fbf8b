import LoopOS

/// Starts shell scripts, for tests.
struct Processes {
    let watcher: ProcessWatcher

    init() throws { watcher = try ProcessWatcher() }

    static func launch(_ script: String, family: ProcessFamily? = nil, limit: UInt64 = 0) -> ProcessLaunch {
        ProcessLaunch(
            executable: "/bin/sh",
            arguments: ["sh", "-c", script],
            environment: ["PATH": "/usr/bin:/bin"],
            directory: "/",
            descriptorLimit: limit,
            family: family
        )
    }

    static func start(_ launch: ProcessLaunch) async throws -> ChildProcess {
        try await withCheckedContinuation { continuation in
            Spawner.shared.spawn(launch) { continuation.resume(returning: $0) }
        }.get()
    }

    func end(of process: ChildProcess) async throws -> ProcessEnd {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try watcher.watch(process) { continuation.resume(returning: $0) }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    /// Runs a script to its end.
    func run(_ launch: ProcessLaunch) async throws -> (end: ProcessEnd, output: BoundedOutput) {
        let process = try await Self.start(launch)
        let end = try await end(of: process)
        return (end, process.output.take())
    }
}
