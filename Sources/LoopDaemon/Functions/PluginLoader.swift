import FoundationEssentials
package import LoopModel
import LoopOS
import LoopRules

/// Turns a path into a function: a folder with `plugin.yaml`, or a bare `.py` file.
package enum PluginLoader {
    /// The manifest's name in a plugin's folder.
    package static let manifestName = "plugin.yaml"

    /// Reads one plugin.
    ///
    /// - Parameters:
    ///   - path: A folder, its `plugin.yaml`, a `.py` file, or a notebook; absolute.
    ///   - function: What is meant in a `.py` file; nil: what it most likely is.
    /// - Returns: What the manifest says, with the defaults filled in.
    /// - Throws: ``SettingsFailure`` with every mistake, with file, line and key.
    package static func load(
        _ path: String,
        function: String? = nil
    ) throws(SettingsFailure) -> FunctionConfiguration {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        var isFolder = false
        guard let kind = try? FileManager.default.attributesOfItem(atPath: resolved(path))[.type] as? FileAttributeType
        else { throw problem(path, "there is no such file or folder") }
        isFolder = kind == .typeDirectory
        if isFolder {
            let manifest = "\(path)/\(manifestName)"
            guard FileManager.default.fileExists(atPath: manifest) else {
                throw problem(path, "has no \(manifestName); name the handler's .py file, or add a manifest")
            }
            return try loadManifest(manifest, root: path)
        }
        let (folder, name) = split(path)
        if name == manifestName { return try loadManifest(path, root: folder) }
        if name.hasSuffix(".ipynb") { return notebook(path, name, in: folder) }
        guard name.hasSuffix(".py") else {
            throw problem(path, "expected a folder with \(manifestName), a .py file, or an .ipynb notebook")
        }
        return try bareFile(path, name, in: folder, function)
    }

    private static func bareFile(
        _ path: String,
        _ name: String,
        in folder: String,
        _ wanted: String?
    ) throws(SettingsFailure) -> FunctionConfiguration {
        var module = String(name.dropLast(3))
        let text: String
        do throws(SystemFailure) {
            text = try PythonSource.text(of: path)
        } catch {
            throw problem(path, "cannot be read: \(error.reason)")
        }
        let handler = wanted ?? PythonSource.handlerName(in: text)
        let kind = PythonSource.kind(of: handler, in: text)
        var function = FunctionConfiguration(
            name: FunctionName(sanitizing: module),
            root: folder,
            source: path,
            handler: ""
        )
        // Servers import an app from where its package lies; AWS Lambda knows no packages around the handler.
        while kind != .lambda, FileManager.default.fileExists(atPath: "\(function.root)/__init__.py") {
            let (parent, package) = split(function.root)
            guard parent != function.root else { break }
            (function.root, module) = (parent, "\(package).\(module)")
        }
        function.handler = "\(module).\(handler)"
        function.become(kind)
        return function
    }

    private static func notebook(_ path: String, _ name: String, in folder: String) -> FunctionConfiguration {
        let functionName = FunctionName(sanitizing: String(name.dropLast(".ipynb".count)))
        var function = FunctionConfiguration(name: functionName, root: folder, source: path, handler: name)
        function.become(.notebook)
        return function
    }

    /// The plugins of a folder: each subfolder with a manifest, or the folder itself if it has one.
    ///
    /// A bad plugin never stops the others: its mistakes are in the second list.
    package static func loadAll(in folder: String) -> ([FunctionConfiguration], [SettingsProblem]) {
        var loaded: [FunctionConfiguration] = []
        var problems: [SettingsProblem] = []
        func add(_ path: String) {
            do {
                loaded.append(try load(path))
            } catch {
                problems += error.problems
            }
        }
        if FileManager.default.fileExists(atPath: "\(folder)/\(manifestName)") {
            add(folder)
            return (loaded, problems)
        }
        do {
            for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
            where FileManager.default.fileExists(atPath: "\(folder)/\(name)/\(manifestName)") {
                add("\(folder)/\(name)")
            }
        } catch {
            problems.append(SettingsProblem(file: folder, message: "cannot be read: \(reason(of: error))"))
        }
        return (loaded, problems)
    }

    private static func loadManifest(_ path: String, root: String) throws(SettingsFailure) -> FunctionConfiguration {
        var document = try YAMLDocument(text: try read(path), file: path)
        let folderName = split(root).name
        var name = FunctionName(sanitizing: folderName)
        if let given = document.text("name") {
            if let valid = FunctionName(rawValue: given.value) {
                name = valid
            } else {
                let expected = "expected 1 to 64 letters, digits, - or _"
                document.report("\(expected), found \"\(given.value)\"", key: "name", line: given.line)
            }
        }
        var function = FunctionConfiguration(name: name, root: root, source: path, handler: "")
        document.readRuntime(into: &function)
        document.readOptions(into: &function)
        try document.finish()
        return function
    }

    private static func read(_ path: String) throws(SettingsFailure) -> String {
        do {
            return try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw problem(path, "cannot be read: \(reason(of: error))")
        }
    }

    private static func resolved(_ path: String) -> String {
        // attributesOfItem does not follow links; a plugin may be one.
        (try? FileManager.default.destinationOfSymbolicLink(atPath: path)).map {
            $0.hasPrefix("/") ? $0 : "\(split(path).folder)/\($0)"
        } ?? path
    }

    private static func problem(_ path: String, _ message: String) -> SettingsFailure {
        SettingsFailure([SettingsProblem(file: path, message: message)])
    }

    private static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        let folder = String(path[..<slash])
        return (folder.isEmpty ? "/" : folder, String(path[path.index(after: slash)...]))
    }
}

extension YAMLDocument {
    /// Reads the keys of a manifest that have defaults.
    mutating func readOptions(into function: inout FunctionConfiguration) {
        if let text = text("description") { function.description = text.value }
        if let text = text("python") { function.python = text.value }
        readEvent(into: &function)
        if let kind = choice("kind", among: HandlerKind.ofPlugins.map(\.rawValue)) {
            function.become(HandlerKind(rawValue: kind) ?? function.kind)
        }
        let host = choice("host", among: HostProfile.known.map(\.rawValue))
        if let host { function.host = HostProfile(rawValue: host) }
        readEngine(into: &function, isHostGiven: host != nil)
        if function.host.engine == .ric, let obstacle = function.kind.obstacle(on: function.host) {
            report(obstacle, key: "kind", line: 1)
        }
        if let loop = choice("loop", among: LoopImplementation.allCases.map(\.rawValue)) {
            function.loop = LoopImplementation(rawValue: loop) ?? function.loop
        }
        if let freeze = choice("freeze", among: ["true", "false"]) { function.freezes = freeze == "true" }
        if let budget = choice("shutdown", among: ShutdownBudget.allCases.map(\.rawValue)) {
            function.shutdown = ShutdownBudget(rawValue: budget)
        }
        if let epoch = choice("epoch", among: LambdaEpoch.allCases.map(\.rawValue)) {
            function.epoch = LambdaEpoch(rawValue: epoch)
        }
        readStart(into: &function)
        if let probe = choice("probe", among: ProbeDepth.allCases.map(\.rawValue)) {
            function.probe = ProbeDepth(rawValue: probe) ?? function.probe
        }
        // The ranges are AWS Lambda's where it has one (facts: lambda §2).
        if let timeout = seconds("timeout", in: 0.001...900) { function.timeout = timeout }
        if let timeout = seconds("initTimeout", in: 0.001...900) { function.initTimeout = timeout }
        if let threshold = seconds("blockingThreshold", in: 0.05...900) { function.blockingThreshold = threshold }
        if let memory = whole("memory", in: 128...10_240) {
            function.memory = memory
            function.resources.isMemoryGiven = true
        }
        readResources(into: &function)
        readConcurrency(into: &function)
        readLogging(into: &function.logging)
        section("events") { $0.readEvents(into: &function.events, root: function.root) }
        if let queue = whole("queue", in: 0...100_000) { function.queue = queue }
        if let allow = list("allow") {
            function.allowed = allow.value.compactMap { allowance(of: $0, line: allow.line) }
        }
        readParts(into: &function)
    }

    /// Reads what a check gives the function: a file, which is looked at only then, or a service's sample.
    private mutating func readEvent(into function: inout FunctionConfiguration) {
        let file = text("event")
        function.sampleFile = file.map { SettingsLoader.absolute($0.value, in: function.root) }
        guard let source = text("eventSource") else { return }
        if file != nil { report("give one of event and eventSource, not both", key: "eventSource", line: source.line) }
        do throws(EventSourceFailure) {
            let sample = try EventSource(named: source.value)
            function.sampleEvent = CheckEvent(name: sample.name, bytes: Array(sample.text.utf8))
        } catch {
            report("\(error). \(error.hint)", key: "eventSource", line: source.line)
        }
    }

    private mutating func readEvents(into policy: inout EventPolicy, root: String) {
        if let retries = whole("retries", in: 0...100) { policy.retries = retries }
        if let age = seconds("maximumAge", in: 0.001...1_000_000) { policy.maximumAge = age }
        policy.onSuccess = destination("onSuccess", root: root)
        policy.onFailure = destination("onFailure", root: root)
    }

    private mutating func destination(_ key: String, root: String) -> EventDestination? {
        var destination: EventDestination?
        section(key) { destination = $0.readDestination(root: root) }
        return destination
    }

    private mutating func readDestination(root: String) -> EventDestination? {
        var found: [EventDestination] = []
        if let name = text("function") {
            if let name = FunctionName(rawValue: name.value) {
                found.append(.function(name))
            } else {
                report("expected a function's name, found \"\(name.value)\"", key: "function", line: name.line)
            }
        }
        if let command = list("command"), !command.value.isEmpty { found.append(.command(command.value)) }
        if let file = text("file") { found.append(.file(SettingsLoader.absolute(file.value, in: root))) }
        if found.count != 1 { report("expected one of function, command and file", key: "function", line: line) }
        return found.first
    }

    private mutating func allowance(of text: String, line: Int) -> Allowance? {
        do throws(AllowanceFailure) {
            let allowance = try Allowance(text)
            let rules = AllRules.list
            if rules.contains(where: { $0.id == allowance.rule || $0.code.lowercased() == allowance.rule }) {
                return allowance
            }
            let nearest = nearestName(to: allowance.rule, among: rules.map(\.id)).map { "; did you mean \"\($0)\"?" }
            report("no rule is called \"\(allowance.rule)\"\(nearest ?? "")", key: "allow", line: line)
        } catch {
            report("\(error)", key: "allow", line: line)
        }
        return nil
    }

    mutating func choice(_ key: String, among words: [String]) -> String? {
        guard let found = text(key) else { return nil }
        if words.contains(found.value) { return found.value }
        let nearest = nearestName(to: found.value, among: words).map { "; did you mean \"\($0)\"?" } ?? ""
        let message = "expected one of \(words.joined(separator: ", ")), found \"\(found.value)\"\(nearest)"
        report(message, key: key, line: found.line)
        return nil
    }

    mutating func whole(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let found = text(key) else { return nil }
        if let number = Int(found.value), range.contains(number) { return number }
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        report("expected \(expected), found \"\(found.value)\"", key: key, line: found.line)
        return nil
    }

    mutating func seconds(_ key: String, in range: ClosedRange<Double>) -> Duration? {
        guard let found = text(key) else { return nil }
        if let duration = Duration(seconds: found.value), range.contains(Double(found.value) ?? -1) { return duration }
        let expected = "seconds from \(range.lowerBound) to \(range.upperBound)"
        report("expected \(expected), found \"\(found.value)\"", key: key, line: found.line)
        return nil
    }
}
