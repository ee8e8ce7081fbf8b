package import LoopModel

/// What the Lambda API tells of a function: the fields that a plugin has something to say about, in AWS's shapes.
package enum LambdaDocuments {
    /// What a handler gets where nobody said otherwise; nothing is ever called there.
    package static let region = "us-east-1"
    /// What AWS gives every function (facts: lambda §2).
    private static let scratchMegabytes = 512

    /// The answer of GetFunctionConfiguration, and what ListFunctions has of each.
    package static func configuration(_ function: FunctionConfiguration) -> JSON {
        let variables = function.environment.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .string($0.value)) }
        let region = function.environment["AWS_REGION"] ?? Self.region
        return [
            "FunctionName": .string(function.name.rawValue),
            "FunctionArn": .string(LambdaFunctionReference.arn(of: function.name, in: region)),
            "Runtime": .string(runtime(of: function)),
            "Handler": .string(function.handler),
            "Description": .string(function.description),
            "Timeout": .int((function.timeout.nanoseconds + 999_999_999) / 1_000_000_000),
            "MemorySize": JSON(function.memory),
            "Version": .string(LambdaFunctionReference.latest),
            "Environment": ["Variables": .object(variables)],
            "TracingConfig": ["Mode": "PassThrough"],
            "State": "Active",
            "LastUpdateStatus": "Successful",
            "PackageType": "Zip",
            "EphemeralStorage": ["Size": .int(Int64(scratchMegabytes))],
            "LoggingConfig": ["LogFormat": "Text", "LogGroup": .string("/aws/lambda/\(function.name)")],
        ]
    }

    /// The answer of GetFunction.
    package static func function(_ function: FunctionConfiguration) -> JSON {
        var members: [JSON.Member] = [
            .init("Configuration", configuration(function)),
            .init("Code", ["RepositoryType": "Folder", "Location": .string("file://\(function.root)")]),
            .init("Tags", [:]),
        ]
        if let reserved = function.reservedConcurrency {
            members.append(.init("Concurrency", ["ReservedConcurrentExecutions": JSON(reserved)]))
        }
        return .object(members)
    }

    /// `python3.11` where the manifest names a version; else only that it is Python.
    private static func runtime(of function: FunctionConfiguration) -> String {
        function.python.first?.isNumber == true ? "python\(function.python)" : "python3"
    }
}

extension LambdaFunctionReference {
    /// The ARN with which AWS says that a function is not there.
    package static func latestARN(of function: FunctionName) -> String {
        "\(arn(of: function, in: LambdaDocuments.region)):\(latest)"
    }
}
