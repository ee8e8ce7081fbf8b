import FoundationEssentials
package import LoopModel
import LoopOS

/// What a person names for `check`: a handler's file, a function in it, a plugin's folder, a folder of plugins, a SAM
/// template or its folder, a function of the template.
package struct CheckTarget: Sendable {
    /// Absolute.
    private let path: String
    /// The function that was named, as in `orders.py:handle` or `template.yaml:CreateOrder`.
    private let function: String?

    /// - Parameters:
    ///   - text: `PATH`, `FILE.py:FUNCTION` or `TEMPLATE:FUNCTION`.
    ///   - folder: what a relative path starts from.
    package init(_ text: String, in folder: String) {
        var path = text
        var function: String?
        if let colon = text.lastIndex(of: ":"),
            text[..<colon].hasSuffix(".py") || SAMTemplate.isTemplate(String(text[..<colon]))
        {
            path = String(text[..<colon])
            function = String(text[text.index(after: colon)...])
        }
        self.path = SettingsLoader.absolute(path, in: folder)
        self.function = function
    }

    /// What it means.
    package struct Meaning: Sendable {
        package var functions: [FunctionConfiguration]
        /// What of a template is not checked, and why; empty for other targets, and where one function was named.
        package var omissions: [String] = []
    }

    /// - Throws: ``CheckFailure`` when it means no function, and says what there is; ``SettingsFailure`` with every
    ///   mistake of a manifest.
    package func meaning() throws -> Meaning {
        guard let stamp = FileStamp(path: path) else {
            throw CheckFailure.target("There is no \(path).", hint: guess)
        }
        if path.hasSuffix(".py"), !stamp.isFolder { return Meaning(functions: [try handlerFile()]) }
        guard stamp.isFolder || [".py", ".ipynb", ".yaml", ".yml", ".json"].contains(where: path.hasSuffix) else {
            throw CheckFailure.target("\(path) is none of a handler's .py file, a notebook, a template.", hint: guess)
        }
        guard stamp.isFolder else {
            return try SAMTemplate.isTemplate(path)
                ? meaning(ofTemplate: path) : Meaning(functions: [PluginLoader.load(path)])
        }
        _ = try Self.readable(path, Folder.entries)
        if FileStamp(path: "\(path)/\(PluginLoader.manifestName)") == nil, let template = SAMTemplate.file(in: path) {
            return try meaning(ofTemplate: template)
        }
        let (functions, problems) = PluginLoader.loadAll(in: path)
        guard problems.isEmpty else { throw SettingsFailure(problems) }
        guard !functions.isEmpty else {
            let hint = "Name the handler's .py file, or give the folder a plugin.yaml."
            throw CheckFailure.target(
                "No plugin is in \(path): neither it nor a folder in it has a plugin.yaml.",
                hint: hint
            )
        }
        return Meaning(functions: functions)
    }

    private static func readable<Content>(
        _ path: String,
        _ read: (String) throws(SystemFailure) -> Content
    ) throws(CheckFailure) -> Content {
        do {
            return try read(path)
        } catch {
            throw .target("\(path) cannot be read: \(error.reason).", hint: "")
        }
    }

    /// What was probably meant by what is not there.
    private var guess: String {
        // As AWS Lambda writes a handler: orders.handle
        let name = path.split(separator: "/").last ?? ""
        let module = name.prefix { $0 != "." }
        let file = path.dropLast(name.count - module.count) + ".py"
        guard !module.isEmpty, FileStamp(path: String(file)) != nil else {
            return "Name a handler's .py file or a plugin's folder."
        }
        let function = name.dropFirst(module.count + 1)
        return "Did you mean \(module).py\(function.isEmpty || function == "py" ? "" : ":\(function)")?"
    }

    private func meaning(ofTemplate path: String) throws -> Meaning {
        let template = try SAMTemplate(path)
        guard let function else { return Meaning(functions: template.functions, omissions: template.omissions) }
        let named = template.functions.filter { $0.name.rawValue == function }
        guard named.isEmpty else { return Meaning(functions: named) }
        let known = template.functions.map(\.name.rawValue).joined(separator: ", ")
        throw CheckFailure.target(
            "\(path) has no Python function \"\(function)\".",
            hint: "It has \(known)."
        )
    }

    private func handlerFile() throws -> FunctionConfiguration {
        let text = try Self.readable(path, PythonSource.text)
        let configuration = try PluginLoader.load(path, function: function)
        let names = PythonSource.topLevelNames(in: text)
        var wanted = function ?? String(configuration.handler.split(separator: ".").last ?? "")
        if wanted.hasSuffix("()") { wanted.removeLast(2) }
        guard names.contains(wanted) || PythonSource.mayDefine(wanted, in: text) else {
            let file = path.split(separator: "/").last ?? ""
            let there = names.isEmpty ? "nothing" : names.joined(separator: ", ")
            let example = names.first.map { "Name one of them, as in \(file):\($0)." }
            throw CheckFailure.target(
                function == nil
                    ? "\(file) defines neither \"handler\" nor \"lambda_handler\", nor an \"app\"; it defines \(there)."
                    : "\(file) has no function \"\(wanted)\"; it defines \(there).",
                hint: example ?? "A handler is a function of two parameters: def handler(event, context)."
            )
        }
        return configuration
    }
}
