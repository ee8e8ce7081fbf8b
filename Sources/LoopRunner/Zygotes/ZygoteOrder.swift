internal import LoopModel
internal import LoopOS
internal import LoopWire

/// What a zygote is to be: environments that agree in it can be forked from the same one.
struct ZygoteOrder: Hashable, Sendable {
    var executable: String
    /// With the program's name as the first.
    var arguments: [String]
    var variables: [String: String]
    /// Modules that it imports before it forks, by their names.
    var preload: [String]
    /// Folders where these are found, besides the interpreter's own.
    var paths: [String]
    /// Files and folders of which a change means that it is another program.
    var traces: [String]

    /// - Returns: nil where an environment has to be started from a fresh interpreter.
    init?(_ configuration: FunctionConfiguration, _ program: RuntimeProgram, _ launch: ProcessLaunch) {
        guard configuration.start == .fork, program.canFork else { return nil }
        executable = program.executable
        arguments = program.arguments
        preload = configuration.preload
        paths = preload.isEmpty ? [] : configuration.layerPaths(python: program.version)
        traces = program.traces + [program.executable]
        // Modules may look at anything when they are imported.
        let own: Set<String> = preload.isEmpty ? [] : Set(configuration.environment.keys)
        variables = launch.environment.filter { own.contains($0.key) || Self.shapesInterpreter($0.key) }
    }

    /// Whether Python or the C library looks at a variable once, when it starts.
    private static func shapesInterpreter(_ name: String) -> Bool {
        ["HOME", "LANG", "LANGUAGE", "PATH", "TZ"].contains(name)
            || ["GLIBC_", "LC_", "LD_", "MALLOC_", "OPENSSL_", "PYTHON", "SSL_"].contains { name.hasPrefix($0) }
    }

    /// The process itself, which belongs to no environment.
    var launch: ProcessLaunch {
        let order: JSON = [
            "preload": .array(preload.map(JSON.string)), "paths": .array(paths.map(JSON.string)),
        ]
        return ProcessLaunch(
            executable: executable,
            arguments: arguments + ["zygote", order.text],
            environment: variables,
            directory: "/"
        )
    }

    /// What a process that was forked is told when it is to be an environment.
    static func start(_ launch: ProcessLaunch, configuration: JSON) -> JSON {
        [
            "environment": .object(launch.environment.map { JSON.Member($0.key, .string($0.value)) }),
            "directory": .string(launch.directory),
            "descriptors": .int(Int64(clamping: launch.descriptorLimit)),
            "mark": .int(Int64(clamping: launch.family?.mark ?? 0)),
            "configuration": configuration,
        ]
    }
}
