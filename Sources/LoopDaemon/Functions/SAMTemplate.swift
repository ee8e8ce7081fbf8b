import FoundationEssentials
package import LoopModel
import Yams

/// Reads the Python functions of a SAM or CloudFormation template.
///
/// Source: AWS SAM specification 2016-10-31, `AWS::Serverless::Function` and `Globals`. Values that only a deployment
/// knows (`!Ref`, `!GetAtt`…) are left out of a function's variables.
package enum SAMTemplate {
    private static let types = ["AWS::Serverless::Function", "AWS::Lambda::Function"]

    /// Whether a file's name is that of a template.
    package static func isTemplate(_ path: String) -> Bool {
        [".yaml", ".yml"].contains { path.hasSuffix($0) } && !path.hasSuffix("/\(PluginLoader.manifestName)")
    }

    /// The functions whose code is Python and lies beside the template.
    ///
    /// - Throws: ``SettingsFailure`` when it is no template, or a function in it makes no sense.
    package static func functions(in path: String) throws(SettingsFailure) -> [FunctionConfiguration] {
        let root: Node?
        do {
            root = try Yams.compose(yaml: String(contentsOfFile: path, encoding: .utf8))
        } catch let error as YamlError {
            throw problem(path, line: error.line, "not YAML: \(error.reason)")
        } catch {
            throw problem(path, "cannot be read: \(reason(of: error))")
        }
        guard let resources = root?["Resources"]?.mapping else {
            throw problem(path, "is no SAM template: it has no Resources")
        }
        let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        let globals = root?["Globals"]?["Function"]
        var found: [FunctionConfiguration] = []
        var problems: [SettingsProblem] = []
        for (key, resource) in resources {
            guard let name = key.string, let type = resource["Type"]?.string, types.contains(type) else { continue }
            let reading = Reading(properties: resource["Properties"], globals: globals)
            guard reading.text("Runtime")?.hasPrefix("python") ?? true else { continue }
            guard let handler = reading.text("Handler"), handler.dropFirst().dropLast().contains(".") else {
                let line = key.mark?.line
                problems.append(
                    SettingsProblem(file: path, line: line, key: "\(name).Handler", message: "expected module.function")
                )
                continue
            }
            found.append(function(name, handler: handler, reading, template: path, folder: folder))
        }
        guard problems.isEmpty else { throw SettingsFailure(problems) }
        guard !found.isEmpty else { throw problem(path, "has no Python function") }
        return found
    }

    private static func function(
        _ name: String,
        handler: String,
        _ reading: Reading,
        template: String,
        folder: String
    ) -> FunctionConfiguration {
        let code = reading.text("CodeUri") ?? "."
        var function = FunctionConfiguration(
            name: FunctionName(sanitizing: name),
            root: code == "." || code == "./" ? folder : SettingsLoader.absolute(code, in: folder),
            source: template,
            handler: handler
        )
        while function.root.hasSuffix("/") { function.root.removeLast() }
        if let runtime = reading.text("Runtime") { function.python = String(runtime.dropFirst("python".count)) }
        if let seconds = reading.text("Timeout").flatMap({ Duration(seconds: $0) }) { function.timeout = seconds }
        if let memory = reading.text("MemorySize").flatMap({ Int($0) }) { function.memory = memory }
        function.environment = reading.variables
        function.host = HostProfile(rawValue: "aws-lambda")
        return function
    }

    private static func problem(_ file: String, line: Int? = nil, _ message: String) -> SettingsFailure {
        SettingsFailure([SettingsProblem(file: file, line: line, message: message)])
    }

    /// A function's properties, over what the template says of all functions.
    private struct Reading {
        let properties: Node?
        let globals: Node?

        /// A plain value; nil for one that only a deployment knows.
        func text(_ key: String) -> String? { Self.plain(properties?[key]) ?? Self.plain(globals?[key]) }

        var variables: [String: String] {
            var variables: [String: String] = [:]
            for node in [globals, properties] {
                for (key, value) in node?["Environment"]?["Variables"]?.mapping ?? [:] {
                    if let name = key.string, let text = Self.plain(value) { variables[name] = text }
                }
            }
            return variables
        }

        private static func plain(_ node: Node?) -> String? {
            guard let scalar = node?.scalar else { return nil }
            // An intrinsic function's short form is a tag of its own.
            return node?.tag.description.hasPrefix("!") == true ? nil : scalar.string
        }
    }
}
