internal import LoopModel
internal import LoopOS
internal import LoopWire

/// What a worker is given: its environment variables and its configuration (facts: lambda §6).
struct WorkerSettings {
    /// RLIMIT_NOFILE of every worker, as on AWS Lambda (facts: lambda §2).
    static let descriptorLimit: UInt64 = 1024
    static let region = LambdaDocuments.region
    private static let version = LambdaFunctionReference.latest
    /// Of the daemon's own variables, those that programs need to run at all.
    private static let inherited: Set<String> = [
        "HOME", "LANG", "LANGUAGE", "LD_LIBRARY_PATH", "LOGNAME", "PATH", "USER", "VIRTUAL_ENV",
    ]

    let environment: RunningEnvironment
    /// The daemon's own variables.
    let daemon: [String: String]
    /// Whether the worker looks for advice in the handler's source.
    var readsSources = false
    /// Whether the worker tells how long imports take.
    var tellsImports = false

    private var function: FunctionConfiguration { environment.configuration }
    private var name: FunctionName { function.alias ?? function.name }
    private var logGroup: String { function.logGroup }
    private var logStream: String { environment.record.logStream }

    private var region: String { function.environment["AWS_REGION"] ?? daemon["AWS_REGION"] ?? Self.region }

    /// The function's name as callers of the Lambda API write it.
    static func arn(of function: FunctionName, region: String = Self.region) -> String {
        LambdaFunctionReference.arn(of: function, in: region)
    }

    func launch(_ program: RuntimeProgram) -> ProcessLaunch {
        // Tests run as their user would run them; all others as on AWS Lambda.
        let isTests = function.kind == .tests
        var variables = daemon.filter {
            isTests || Self.inherited.contains($0.key) || $0.key.hasPrefix("LC_")
        }
        variables["PATH", default: "/usr/local/bin:/usr/bin:/bin"] += ""
        variables["LANG", default: "C.UTF-8"] += ""
        for (name, folders) in function.layerSearchPaths {
            variables[name] = ([variables[name]].compactMap(\.self) + folders).joined(separator: ":")
        }
        variables["TMPDIR"] = environment.place.scratch
        if !isTests { variables.merge(lambdaVariables.merging(function.logging.variables) { $1 }) { _, new in new } }
        variables.merge(program.variables.filter { !isTests || !$0.key.hasPrefix("AWS_") }) { _, new in new }
        variables.merge(function.environment) { _, new in new }
        // Last, so that no manifest can break them.
        variables.merge(environment.wire?.variables ?? [:]) { _, new in new }
        variables[ProcessFamily.variable] = environment.record.id.rawValue
        return ProcessLaunch(
            executable: program.executable,
            arguments: program.arguments,
            environment: variables,
            directory: function.root,
            descriptorLimit: isTests ? 0 : Self.descriptorLimit,
            family: environment.family
        )
    }

    private var lambdaVariables: [String: String] {
        [
            "AWS_DEFAULT_REGION": region,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "\(function.memory)",
            "AWS_LAMBDA_FUNCTION_NAME": name.rawValue,
            "AWS_LAMBDA_FUNCTION_VERSION": Self.version,
            "AWS_LAMBDA_INITIALIZATION_TYPE": environment.record.cause.initializationType,
            "AWS_LAMBDA_LOG_GROUP_NAME": logGroup,
            "AWS_LAMBDA_LOG_STREAM_NAME": logStream,
            "AWS_REGION": region,
            "LAMBDA_TASK_ROOT": function.root,
            "TZ": ":UTC",
            "_HANDLER": function.handler,
        ]
    }

    /// The object of the CONFIG frame.
    func configuration(initDeadline: Instant) -> JSON {
        [
            "protocol": 1,
            "root": .string(function.root),
            "handler": .string(function.handler),
            "kind": .string(function.kind.rawValue),
            "host": .string(function.host.engine.rawValue),
            "hostTraits": [
                "thread": function.host.traits.thread.map { .string($0) } ?? .null,
                "newThread": .bool(function.host.traits.hasNewThread),
                "importsFirst": .bool(function.host.traits.importsFirst),
                "runsCoroutines": .bool(function.host.traits.runsCoroutines),
                "makesLoop": .bool(function.host.traits.makesLoop),
                "hearsSignals": .bool(function.host.traits.hearsSignals),
            ],
            "lifespan": .string(function.host.restartsApps ? "invocation" : "environment"),
            "loop": .string(function.loop.rawValue),
            "journal": .string(environment.journal),
            "function": [
                "name": .string(name.rawValue),
                "version": .string(Self.version),
                "arn": .string(Self.arn(of: name, region: region)),
                "memoryMB": JSON(function.memory),
                "logGroup": .string(logGroup),
                "logStream": .string(logStream),
            ],
            "simulatesIdle": .bool(function.simulatesIdle),
            "logging": .bool(function.logsAsLambda),
            "imports": .bool(tellsImports && function.probe != .off && function.kind != .tests),
            "initDeadlineMonotonicNs": .int(initDeadline.nanoseconds),
            "extraPaths": .array(function.layerPaths(python: environment.record.pythonVersion).map(JSON.string)),
            "plain": .bool(function.tellsPlainly),
            "probe": [
                "enabled": .bool(function.probe != .off),
                "deep": .bool(function.probe == .deep),
                "freezes": .bool(function.freezes),
                "sources": .bool(readsSources),
                "stacks": .string(environment.stacks),
                "signals": [
                    "stack": JSON(Int(WorkerSignals.stack)),
                    "turn": JSON(Int(WorkerSignals.turn)),
                    "tasks": JSON(Int(WorkerSignals.tasks)),
                ],
            ],
        ]
    }
}
