package import LoopModel

/// What the Lambda API tells of a function: the fields that a plugin has something to say about, in AWS's shapes.
package enum LambdaDocuments {
    /// What a handler gets where nobody said otherwise; nothing is ever called there.
    package static let region = "us-east-1"
    /// What AWS gives every function (facts: lambda §2).
    private static let scratchMegabytes = 512

    /// The answer of GetFunctionConfiguration, and what ListFunctions has of each.
    ///
    /// - Parameters:
    ///   - function: whose it is.
    ///   - readiness: whether it can be invoked.
    /// - Returns: the object.
    package static func configuration(_ function: FunctionConfiguration, _ readiness: FunctionReadiness) -> JSON {
        let variables = function.environment.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .string($0.value)) }
        let region = function.environment["AWS_REGION"] ?? Self.region
        let arn = LambdaFunctionReference.arn(of: function.name, in: region)
        var members: [JSON.Member] = [
            .init("FunctionName", .string(function.name.rawValue)),
            .init("FunctionArn", .string(arn)),
            .init("Runtime", .string(runtime(of: function))),
            .init("Handler", .string(function.handler)),
            .init("Description", .string(function.description)),
            .init("Timeout", .int((function.timeout.nanoseconds + 999_999_999) / 1_000_000_000)),
            .init("MemorySize", JSON(function.memory)),
            .init("Version", .string(LambdaFunctionReference.latest)),
            .init("Environment", ["Variables": .object(variables)]),
            .init("TracingConfig", ["Mode": "PassThrough"]),
            .init("PackageType", "Zip"),
            .init("EphemeralStorage", ["Size": .int(Int64(scratchMegabytes))]),
            .init("LoggingConfig", logging(of: function)),
        ]
        members += state(readiness)
        if !function.layers.isEmpty {
            let layers = function.layers.map { JSON.object([.init("Arn", .string(layerARN(of: $0, in: region)))]) }
            members.append(.init("Layers", .array(layers)))
        }
        return .object(members)
    }

    /// As AWS has it since functions have states: a function is `Pending` until it was once ready, and afterwards it is
    /// its last update that goes on or has failed.
    private static func state(_ readiness: FunctionReadiness) -> [JSON.Member] {
        switch readiness.state {
        case .ready: return [.init("State", "Active"), .init("LastUpdateStatus", "Successful")]
        case .preparing(let what):
            if readiness.wasReady {
                return [
                    .init("State", "Active"), .init("LastUpdateStatus", "InProgress"),
                    .init("LastUpdateStatusReason", .string(what)),
                ]
            }
            return [
                .init("State", "Pending"), .init("StateReason", .string(what)), .init("StateReasonCode", "Creating"),
                .init("LastUpdateStatus", "InProgress"),
            ]
        case .failed(let why):
            if readiness.wasReady {
                return [
                    .init("State", "Active"), .init("LastUpdateStatus", "Failed"),
                    .init("LastUpdateStatusReason", .string(why)),
                    .init("LastUpdateStatusReasonCode", "InternalError"),
                ]
            }
            return [
                .init("State", "Failed"), .init("StateReason", .string(why)),
                .init("StateReasonCode", "InternalError"), .init("LastUpdateStatus", "Failed"),
            ]
        }
    }

    private static func logging(of function: FunctionConfiguration) -> JSON {
        let logging = function.logging
        var members: [JSON.Member] = [
            .init("LogFormat", logging.format == .json ? "JSON" : "Text"),
            .init("LogGroup", .string(function.name.logGroup)),
        ]
        if logging.format == .json {
            members.append(.init("ApplicationLogLevel", .string(logging.applicationLevel.rawValue)))
            members.append(.init("SystemLogLevel", .string(logging.systemLevel.rawValue)))
        }
        return .object(members)
    }

    private static func layerARN(of folder: String, in region: String) -> String {
        let name = folder.split(separator: "/").last.map { FunctionName(sanitizing: String($0)).rawValue } ?? "layer"
        return LambdaFunctionReference.layerARN(of: name, in: region)
    }

    /// The answer of GetFunction.
    package static func function(_ function: FunctionConfiguration, _ readiness: FunctionReadiness) -> JSON {
        var members: [JSON.Member] = [
            .init("Configuration", configuration(function, readiness)),
            .init("Code", ["RepositoryType": "Folder", "Location": .string("file://\(function.root)")]),
            .init("Tags", [:]),
        ]
        if let reserved = function.reservedConcurrency {
            members.append(.init("Concurrency", ["ReservedConcurrentExecutions": JSON(reserved)]))
        }
        return .object(members)
    }

    /// The answer of GetFunctionConcurrency.
    package static func concurrency(_ function: FunctionConfiguration) -> JSON {
        .object(function.reservedConcurrency.map { [.init("ReservedConcurrentExecutions", JSON($0))] } ?? [])
    }

    /// The answer of GetFunctionEventInvokeConfig.
    package static func eventInvokeConfig(_ function: FunctionConfiguration) -> JSON {
        func destination(_ destination: EventDestination?) -> JSON {
            guard let destination else { return [:] }
            if case .function(let name) = destination {
                return ["Destination": .string(LambdaFunctionReference.arn(of: name, in: region))]
            }
            return ["Destination": .string("\(destination)")]
        }
        return [
            "FunctionArn": .string(LambdaFunctionReference.latestARN(of: function.name)),
            "MaximumRetryAttempts": JSON(function.events.retries),
            "MaximumEventAgeInSeconds": .int(function.events.maximumAge.nanoseconds / 1_000_000_000),
            "DestinationConfig": [
                "OnSuccess": destination(function.events.onSuccess),
                "OnFailure": destination(function.events.onFailure),
            ],
        ]
    }

    /// The answer of GetFunctionUrlConfig.
    ///
    /// - Parameters:
    ///   - function: whose URL it is.
    ///   - host: as the caller has named this server.
    /// - Returns: the object.
    package static func urlConfig(_ function: FunctionConfiguration, host: String) -> JSON {
        [
            "FunctionUrl": .string("http://\(host)/lambda-url/\(function.name)/"),
            "FunctionArn": .string(LambdaFunctionReference.arn(of: function.name, in: region)),
            "AuthType": "NONE",
            "InvokeMode": "BUFFERED",
        ]
    }

    /// The answer of GetAccountSettings, with AWS's own limits (facts: lambda §2).
    package static func accountSettings(_ functions: [FunctionConfiguration]) -> JSON {
        let reserved = functions.compactMap(\.reservedConcurrency).reduce(0, +)
        return [
            "AccountLimit": [
                "TotalCodeSize": 80_530_636_800, "CodeSizeUnzipped": 262_144_000, "CodeSizeZipped": 52_428_800,
                "ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": JSON(max(1000 - reserved, 0)),
            ],
            "AccountUsage": ["TotalCodeSize": 0, "FunctionCount": JSON(functions.count)],
        ]
    }

    /// `python3.11` where the manifest names a version; else only that it is Python.
    private static func runtime(of function: FunctionConfiguration) -> String {
        if function.runtime == "provided" { return "provided.al2023" }
        return function.python.first?.isNumber == true ? "python\(function.python)" : "python3"
    }
}

extension LambdaFunctionReference {
    /// The ARN with which AWS says that a function is not there.
    package static func latestARN(of function: FunctionName) -> String {
        "\(arn(of: function, in: LambdaDocuments.region)):\(latest)"
    }
}
