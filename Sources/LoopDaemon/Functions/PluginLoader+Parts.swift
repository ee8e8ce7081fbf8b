import LoopModel
import LoopOS
import LoopRunner

extension YAMLDocument {
    /// Reads what a function is made of beside its own folder: layers, packages, variables.
    mutating func readParts(into function: inout FunctionConfiguration) {
        readLayers(into: &function)
        readPackages(into: &function)
        guard let table = table("environment") else { return }
        for name in table.value.keys.sorted() where name.isEmpty || name.contains("=") || name.contains("\u{0}") {
            report("\"\(name)\" cannot be the name of a variable", key: "environment", line: table.line)
        }
        function.environment = table.value
        let size = function.variablesSize
        if function.kind == .lambda, size > FunctionConfiguration.mostVariables {
            report(FunctionConfiguration.tooManyVariables(size), key: "environment", line: table.line)
        }
    }

    private mutating func readLayers(into function: inout FunctionConfiguration) {
        guard let layers = list("layers") else { return }
        function.layers = layers.value.map { SettingsLoader.absolute($0, in: function.root) }
        for (name, path) in zip(layers.value, function.layers) where FileStamp(path: path)?.isFolder != true {
            let isFile = FileStamp(path: path) != nil
            let message = isFile ? "\(name) is no folder; unpack it, and name the folder" : "there is no folder \(path)"
            report(message, key: "layers", line: layers.line)
        }
        if layers.value.count > FunctionConfiguration.mostLayers {
            let most = FunctionConfiguration.mostLayers
            report("expected at most \(most) layers, found \(layers.value.count)", key: "layers", line: layers.line)
        }
    }

    private mutating func readPackages(into function: inout FunctionConfiguration) {
        let (venv, requirements) = (text("venv"), text("requirements"))
        if let venv, let requirements {
            let line = max(venv.line, requirements.line)
            return report("give one of venv and requirements, not both", key: "requirements", line: line)
        }
        if let venv {
            let path = SettingsLoader.absolute(venv.value, in: function.root)
            function.packages = .environment(path)
            guard let environment = VirtualEnvironment(folder: path) else {
                let why =
                    FileStamp(path: path) == nil
                    ? "there is no \(path)" : "\(path) is no virtual environment: it has no bin/python"
                return report("\(why); \"python -m venv \(path)\" makes one", key: "venv", line: venv.line)
            }
            if !environment.fits(function.python), environment.version != nil {
                let found = environment.version.map { "\($0)" } ?? "another"
                let message = "\(path) has Python \(found), and python says \(function.python); take one of them out"
                report(message, key: "venv", line: venv.line)
            }
        }
        if let requirements {
            let path = SettingsLoader.absolute(requirements.value, in: function.root)
            function.packages = .requirements(path)
            if FileStamp(path: path)?.isFolder != false {
                report("there is no file \(path)", key: "requirements", line: requirements.line)
            }
        }
    }
}

extension FunctionConfiguration {
    /// As on AWS Lambda (facts: lambda §2).
    fileprivate static let mostLayers = 5
    /// Of all variables together as JSON, in bytes, as AWS Lambda measures them (facts: lambda §2).
    static let mostVariables = 4096

    /// Of the variables, in bytes, as AWS Lambda measures them.
    var variablesSize: Int {
        JSON.object(environment.map { JSON.Member($0.key, .string($0.value)) }).text.utf8.count
    }

    /// Says that there are too many variables.
    static func tooManyVariables(_ size: Int) -> String {
        "the variables have \(size) bytes as JSON; AWS Lambda takes \(mostVariables)"
    }
}
