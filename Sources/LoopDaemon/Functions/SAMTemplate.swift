import FoundationEssentials
package import LoopModel
import LoopOS
import Yams

/// Reads the Python functions of a SAM or CloudFormation template, JSON or YAML.
///
/// Source: AWS SAM specification 2016-10-31, `AWS::Serverless::Function`, `AWS::Serverless::LayerVersion` and `Globals`.
package struct SAMTemplate: Sendable {
    private static let functionTypes = ["AWS::Serverless::Function", "AWS::Lambda::Function"]
    private static let layerTypes = ["AWS::Serverless::LayerVersion", "AWS::Lambda::LayerVersion"]
    private static let nestedTypes = ["AWS::Serverless::Application", "AWS::CloudFormation::Stack"]
    /// What `sam` looks for in a folder.
    private static let names = ["template.yaml", "template.yml", "template.json"]

    /// The functions whose code is Python and lies beside the template, in its order.
    package private(set) var functions: [FunctionConfiguration] = []
    /// What of the template is left out, and why; a sentence each.
    package private(set) var omissions: [String] = []

    /// Whether a file's name is that of a template.
    package static func isTemplate(_ path: String) -> Bool {
        [".yaml", ".yml", ".json"].contains { path.hasSuffix($0) } && !path.hasSuffix("/\(PluginLoader.manifestName)")
    }

    /// The template of a SAM project's folder; nil where there is none.
    package static func file(in folder: String) -> String? {
        names.map { "\(folder)/\($0)" }.first { FileStamp(path: $0)?.isFolder == false }
    }

    /// - Throws: ``SettingsFailure`` when it is no template, a function in it makes no sense, or none is Python's.
    package init(_ path: String) throws(SettingsFailure) {
        let root: Node?
        do {
            root = try Yams.compose(yaml: String(contentsOfFile: path, encoding: .utf8))
        } catch let error as YamlError {
            throw Self.problem(path, line: error.line, "not YAML: \(error.reason)")
        } catch {
            throw Self.problem(path, "cannot be read: \(reason(of: error))")
        }
        guard let resources = root?["Resources"]?.mapping else {
            throw Self.problem(path, "is no SAM template: it has no Resources")
        }
        let reader = Reader(
            path: path,
            folder: String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]),
            globals: root?["Globals"]?["Function"],
            resources: root?["Resources"],
            intrinsics: SAMIntrinsics(template: root)
        )
        var problems: [SettingsProblem] = []
        for (key, resource) in resources {
            guard let name = key.string, let type = resource["Type"]?.string else { continue }
            if Self.nestedTypes.contains(type) {
                omissions.append("\(name) is another template; check it by itself.")
            }
            guard Self.functionTypes.contains(type) else { continue }
            switch reader.function(name, at: key.mark?.line, resource) {
            case .function(let function, let notes):
                functions.append(function)
                omissions += notes
            case .omitted(let why): omissions.append("\(name) \(why).")
            case .problem(let problem): problems.append(problem)
            }
        }
        guard problems.isEmpty else { throw SettingsFailure(problems) }
        guard !functions.isEmpty else {
            let what = omissions.isEmpty ? "" : ": " + omissions.map { String($0.dropLast()) }.joined(separator: "; ")
            throw Self.problem(path, "has no Python function that can be run here\(what)")
        }
    }

    private static func problem(_ file: String, line: Int? = nil, _ message: String) -> SettingsFailure {
        SettingsFailure([SettingsProblem(file: file, line: line, message: message)])
    }

    /// What comes of a resource that is a function.
    private enum Outcome {
        case function(FunctionConfiguration, notes: [String])
        /// The end of a sentence that begins with its name.
        case omitted(String)
        case problem(SettingsProblem)
    }

    private struct Reader {
        let path: String
        let folder: String
        let globals: Node?
        let resources: Node?
        let intrinsics: SAMIntrinsics

        func function(_ name: String, at line: Int?, _ resource: Node) -> Outcome {
            let properties = resource["Properties"]
            func text(_ key: String) -> String? {
                intrinsics.text(properties?[key]) ?? intrinsics.text(globals?[key])
            }
            func problem(_ key: String, _ message: String) -> Outcome {
                .problem(SettingsProblem(file: path, line: line, key: "\(name).\(key)", message: message))
            }
            if text("PackageType") == "Image" { return .omitted("is a container image, and is left out") }
            let runtime = text("Runtime")
            if let runtime, !runtime.hasPrefix("python") { return .omitted("runs on \(runtime), and is left out") }
            let inline = properties?["InlineCode"] ?? properties?["Code"]?["ZipFile"]
            if inline != nil { return .omitted("has its code in the template, and is left out") }
            let code = properties?["CodeUri"] ?? properties?["Code"] ?? globals?["CodeUri"]
            if let code, intrinsics.text(code) == nil || intrinsics.text(code)?.hasPrefix("s3://") == true {
                return .omitted("has its code in a bucket, and is left out")
            }
            guard let handler = text("Handler"), handler.dropFirst().dropLast().contains(".") else {
                return problem("Handler", "expected module.function")
            }
            let root = absolute(intrinsics.text(code) ?? ".")
            guard FileStamp(path: root)?.isFolder == true else {
                return problem("CodeUri", "there is no folder \(intrinsics.text(code) ?? ".") beside the template")
            }
            var function = FunctionConfiguration(
                name: FunctionName(sanitizing: name),
                root: root,
                source: path,
                // AWS Lambda takes folders in either notation.
                handler: handler.replacing("/", with: ".")
            )
            if let runtime { function.python = String(runtime.dropFirst("python".count)) }
            if let seconds = text("Timeout").flatMap({ Duration(seconds: $0) }) { function.timeout = seconds }
            if let memory = text("MemorySize").flatMap({ Int($0) }) { function.memory = memory }
            function.environment = variables(properties)
            function.logging = logging(properties)
            function.host = HostProfile(rawValue: "aws-lambda")
            if let file = resource["Metadata"]?["Loopwarden"]?["Event"]?.string {
                guard let event = ownEvent(file) else {
                    let key = "Metadata.Loopwarden.Event"
                    return problem(key, "there is no file \(file) with JSON beside the template")
                }
                function.sampleEvent = event
            } else {
                function.sampleEvent = sample(resource)
            }
            let size = function.variablesSize
            guard size <= FunctionConfiguration.mostVariables else {
                return problem("Environment", FunctionConfiguration.tooManyVariables(size))
            }
            let (layers, notes) = layers(properties)
            function.layers = layers
            return .function(function, notes: notes.map { "\(name): \($0)" })
        }

        private func variables(_ properties: Node?) -> [String: String] {
            var variables: [String: String] = [:]
            for node in [globals, properties] {
                for (key, value) in node?["Environment"]?["Variables"]?.mapping ?? [:] {
                    if let name = key.string, let text = intrinsics.text(value) { variables[name] = text }
                }
            }
            return variables
        }

        /// As LoggingConfig says, a function's own over that of Globals; what is not understood counts as left out.
        private func logging(_ properties: Node?) -> LoggingConfiguration {
            var logging = LoggingConfiguration()
            func text(_ key: String) -> String? {
                [properties, globals].lazy.compactMap { intrinsics.text($0?["LoggingConfig"]?[key]) }.first
            }
            let format = text("LogFormat").flatMap { LogFormat(rawValue: $0.lowercased()) }
            (logging.format, logging.isChosen) = (format ?? logging.format, format != nil)
            let levels = ["ApplicationLogLevel", "SystemLogLevel"].map { text($0).flatMap(LogLevel.init(rawValue:)) }
            logging.applicationLevel = levels[0] ?? logging.applicationLevel
            logging.systemLevel = levels[1] ?? logging.systemLevel
            return logging
        }

        private func ownEvent(_ file: String) -> CheckEvent? {
            guard let bytes = try? File.read(absolute(file)), (try? JSONReader.validate(bytes)) != nil else {
                return nil
            }
            return CheckEvent(bytes: bytes)
        }

        /// The sample of the first event source that is known.
        private func sample(_ resource: Node) -> CheckEvent? {
            source(resource).map { CheckEvent(bytes: Array($0.text.utf8)) }
        }

        private func source(_ resource: Node) -> EventSource? {
            for (_, event) in resource["Properties"]?["Events"]?.mapping ?? [:] {
                let name: String? =
                    switch event["Type"]?.string {
                    case "Api": "apigw"
                    case "HttpApi": "http-api"
                    case "SQS": "sqs"
                    case "SNS": "sns"
                    case "S3": "s3"
                    case "Schedule", "ScheduleV2": "scheduled"
                    case "EventBridgeRule", "CloudWatchEvent": "eventbridge"
                    case "CloudWatchLogs": "cloudwatch-logs"
                    case "DynamoDB": "dynamodb"
                    case "Kinesis": "kinesis"
                    case "MSK", "SelfManagedKafka": "kafka"
                    case "Cognito": "cognito"
                    default: nil
                    }
                if let name, let source = try? EventSource(named: name) { return source }
            }
            return resource["Properties"]?["FunctionUrlConfig"] == nil ? nil : try? EventSource(named: "lambda-url")
        }

        // MARK: Layers

        /// The folders of the layers, and what is to be said of layers that are not here.
        private func layers(_ properties: Node?) -> (folders: [String], notes: [String]) {
            // Those of Globals come first, and the function's are added.
            let nodes = [globals, properties].flatMap { $0?["Layers"]?.sequence.map(Array.init) ?? [] }
            var folders: [String] = []
            var notes: [String] = []
            for node in nodes {
                let name = intrinsics.reference(node)
                let layer = name.flatMap { resources?[$0] }
                guard let name, let layer, SAMTemplate.layerTypes.contains(layer["Type"]?.string ?? "") else {
                    let shown = name ?? intrinsics.text(node) ?? "a layer"
                    notes.append("layer \(shown) is not in the template; its modules are used if Python has them.")
                    continue
                }
                let content = layer["Properties"]?["ContentUri"] ?? layer["Properties"]?["Content"]
                guard let folder = intrinsics.text(content), FileStamp(path: absolute(folder))?.isFolder == true else {
                    notes.append("layer \(name) has no folder here; its modules are used if Python has them.")
                    continue
                }
                folders.append(absolute(folder))
            }
            return (folders, notes)
        }

        /// A path of the template, without what would only be shown.
        private func absolute(_ path: String) -> String {
            var parts: [Substring] = []
            for part in SettingsLoader.absolute(path, in: folder).split(separator: "/") where part != "." {
                if part == "..", !parts.isEmpty { parts.removeLast() } else { parts.append(part) }
            }
            return "/" + parts.joined(separator: "/")
        }
    }
}
