import Configuration
import FoundationEssentials
import Logging
import LoopModel
import LoopOS
import LoopRules
import LoopWire

/// Reads the settings: flags over environment variables over the file over the defaults.
package struct SettingsLoader {
    private let environment: [String: String]
    private let flags: [String: [String]]
    /// The settings file that is read; nil: there is none, and none was asked for.
    package let file: String?
    private let folder: String

    /// Prepares the reading; relative paths on the command line are taken from `folder`, the working directory.
    package init(options: DaemonOptions, environment: [String: String], folder: String) {
        self.environment = environment
        self.folder = folder
        var flags: [String: [String]] = [:]
        flags["state"] = options.state.map { [$0] }
        flags["socket"] = options.socket.map { [$0] }
        flags["durability"] = options.durability.map { [$0] }
        flags["log.level"] = options.logLevel.map { [$0] }
        flags["lambda.epoch"] = options.epoch.map { [$0] }
        if !options.plugins.isEmpty { flags["plugins"] = options.plugins }
        self.flags = flags
        file = options.config.map { Self.absolute($0, in: folder) } ?? Self.defaultFile(environment)
    }

    /// Reads everything anew.
    ///
    /// - Throws: ``SettingsFailure`` with every mistake that was found.
    package func load() throws(SettingsFailure) -> Settings {
        var fromFile: [String: Located<[String]>] = [:]
        var headers: [String: String] = [:]
        if let file {
            let text: String
            do {
                text = try String(contentsOfFile: file, encoding: .utf8)
            } catch {
                throw SettingsFailure([SettingsProblem(file: file, message: "cannot be read: \(reason(of: error))")])
            }
            var document = try YAMLDocument(text: text, file: file)
            for key in ["state", "socket", "durability", "drain", "cgroups"] {
                fromFile[key] = document.text(key)?.list
            }
            fromFile["plugins"] = document.list("plugins")
            document.section("log") { log in
                for key in ["level", "format"] { fromFile["log.\(key)"] = log.text(key)?.list }
            }
            document.section("alerts") { alerts in
                fromFile["alerts.command"] = alerts.list("command")
                fromFile["alerts.retries"] = alerts.text("retries")?.list
                alerts.section("webhook") { webhook in
                    for key in ["url", "timeout"] { fromFile["alerts.webhook.\(key)"] = webhook.text(key)?.list }
                    headers = webhook.table("headers")?.value ?? [:]
                }
            }
            document.section("lambda") { lambda in
                for key in ["port", "epoch", "retryPace", "concurrency"] {
                    fromFile["lambda.\(key)"] = lambda.text(key)?.list
                }
            }
            document.section("retention") { retention in
                for key in ["days", "megabytes", "logKilobytes"] {
                    fromFile["retention.\(key)"] = retention.text(key)?.list
                }
            }
            document.section("rules") { rules in
                for key in ["off", "on"] { fromFile["rules.\(key)"] = rules.list(key) }
            }
            try document.finish()
        }
        var reader = LayeredReader(flags: flags, environment: environment, file: file, fromFile: fromFile)
        var settings = Settings(
            state: Self.absolute(reader.value("state", "a folder") ?? defaultState(), in: folder),
            socket: Self.absolute(
                reader.value("socket", "a path") ?? defaultSocket(environment: environment),
                in: folder
            )
        )
        settings.plugins = reader.list("plugins", separator: ":").map { Self.absolute($0, in: pluginBase(reader)) }
        settings.durability = reader.choice("durability") ?? settings.durability
        settings.logFormat = reader.choice("log.format") ?? settings.logFormat
        settings.logLevel = reader.choice("log.level") ?? settings.logLevel
        settings.drain = reader.seconds("drain") ?? settings.drain
        settings.cgroups = reader.groups("cgroups") ?? settings.cgroups
        let command = reader.list("alerts.command", separator: " ")
        settings.alertCommand = command.isEmpty ? nil : command
        settings.alertRetries = reader.whole("alerts.retries", in: 0...100) ?? settings.alertRetries
        if let url = reader.value("alerts.webhook.url", "an http or https address") {
            if !url.hasPrefix("http://") && !url.hasPrefix("https://") {
                reader.report("alerts.webhook.url", "expected an http:// or https:// address, found \"\(url)\"")
            }
            let timeout = reader.seconds("alerts.webhook.timeout") ?? .seconds(5)
            settings.webhook = Settings.Webhook(url: url, headers: headers, timeout: timeout)
        }
        settings.retentionAge = reader.whole("retention.days", in: 1...36_500).map { .seconds($0 * 86_400) }
        if let kilobytes = reader.whole("retention.logKilobytes", in: 1...1024) {
            settings.outputLimit = kilobytes << 10
        }
        settings.retentionSize = reader.whole("retention.megabytes", in: 16...10_000_000).map { $0 << 20 }
        settings.retryPace = reader.factor("lambda.retryPace", in: 0...1000) ?? settings.retryPace
        settings.epoch = reader.choice("lambda.epoch") ?? settings.epoch
        settings.accountConcurrency = reader.whole("lambda.concurrency", in: 1...1_000_000)
        settings.lambdaPort = reader.whole("lambda.port", in: 1...65_535)
        settings.rulesOff = reader.rules("rules.off")
        settings.rulesOn = reader.rules("rules.on")
        guard reader.problems.isEmpty else { throw SettingsFailure(reader.problems) }
        return settings
    }

    /// Relative plugin folders in a settings file are taken from where the file stands.
    private func pluginBase(_ reader: LayeredReader) -> String {
        guard let file, reader.isFromFile("plugins") else { return folder }
        return String(file[..<(file.lastIndex(of: "/") ?? file.startIndex)])
    }

    /// A path from the root; `~` is the user's home.
    package static func absolute(_ path: String, in folder: String) -> String {
        let expanded = path.hasPrefix("~/") ? homeFolder() + path.dropFirst() : path
        return expanded.hasPrefix("/") ? expanded : "\(folder)/\(expanded)"
    }

    private static func homeFolder() -> String { FileManager.default.homeDirectoryForCurrentUser.path }

    private static func defaultFile(_ environment: [String: String]) -> String? {
        let home = environment["XDG_CONFIG_HOME"] ?? "\(homeFolder())/.config"
        return ["\(home)/loopwarden/loopwarden.yaml", "/etc/loopwarden/loopwarden.yaml"]
            .first { FileManager.default.fileExists(atPath: $0) }
    }

    private func defaultState() -> String {
        // systemd may list several, separated by colons; the first is ours.
        if let given = environment["STATE_DIRECTORY"]?.split(separator: ":").first { return String(given) }
        if let home = environment["XDG_STATE_HOME"] { return "\(home)/loopwarden" }
        return ThisProcess.effectiveUser == 0 ? "/var/lib/loopwarden" : "\(Self.homeFolder())/.local/state/loopwarden"
    }
}

/// Where the control API's socket is when nobody says otherwise: where systemd says, else where clients look first.
private func defaultSocket(environment: [String: String]) -> String {
    if let given = environment["RUNTIME_DIRECTORY"]?.split(separator: ":").first { return "\(given)/api.sock" }
    return ControlSocket.paths(environment: environment)[0]
}

/// One setting after the other, from the first layer that has it; collects what is wrong.
private struct LayeredReader {
    private let flags: [String: [String]]
    private let file: String?
    private let fromFile: [String: Located<[String]>]
    private let variables: Set<String>
    private let layers: ConfigReader
    private(set) var problems: [SettingsProblem] = []

    init(flags: [String: [String]], environment: [String: String], file: String?, fromFile: [String: Located<[String]>])
    {
        self.flags = flags
        self.file = file
        self.fromFile = fromFile
        let ours = environment.filter { $0.key.hasPrefix("LOOPWARDEN_") && !$0.value.isEmpty }
        variables = Set(ours.keys)
        func provider(_ name: String, _ values: [String: [String]]) -> InMemoryProvider {
            InMemoryProvider(
                name: name,
                values: Dictionary(
                    uniqueKeysWithValues: values.map { key, list in
                        (
                            AbsoluteConfigKey(key.split(separator: ".").map(String.init), context: [:]),
                            ConfigValue(.string(list.joined(separator: "\u{0}")), isSecret: false)
                        )
                    }
                )
            )
        }
        layers = ConfigReader(providers: [
            provider("flags", flags),
            EnvironmentVariablesProvider(environmentVariables: ours).prefixKeys(with: "loopwarden"),
            provider("file", fromFile.mapValues(\.value)),
        ])
    }

    func isFromFile(_ key: String) -> Bool {
        flags[key] == nil && !variables.contains(variable(key)) && fromFile[key] != nil
    }

    mutating func value(_ key: String, _ expected: String) -> String? {
        guard let text = layers.string(forKey: ConfigKey(key)) else { return nil }
        guard !text.isEmpty, !text.contains("\u{0}") else {
            report(key, "expected \(expected)")
            return nil
        }
        return text
    }

    func list(_ key: String, separator: Character) -> [String] {
        guard let text = layers.string(forKey: ConfigKey(key)) else { return [] }
        let isVariable = flags[key] == nil && variables.contains(variable(key))
        return text.split(separator: isVariable ? separator : "\u{0}").map(String.init)
    }

    mutating func choice<Choice: RawRepresentable & CaseIterable>(_ key: String) -> Choice?
    where Choice.RawValue == String {
        let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        guard let text = value(key, "one of \(words)") else { return nil }
        guard let choice = Choice(rawValue: text) else {
            report(key, "expected one of \(words), found \"\(text)\"")
            return nil
        }
        return choice
    }

    mutating func whole(_ key: String, in range: ClosedRange<Int>) -> Int? {
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        guard let text = value(key, expected) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            report(key, "expected \(expected), found \"\(text)\"")
            return nil
        }
        return number
    }

    mutating func factor(_ key: String, in range: ClosedRange<Double>) -> Double? {
        let expected = "a number from \(range.lowerBound) to \(range.upperBound)"
        guard let text = value(key, expected) else { return nil }
        if let number = Double(text), range.contains(number) { return number }
        report(key, "expected \(expected), found \"\(text)\"")
        return nil
    }

    mutating func seconds(_ key: String) -> Duration? {
        guard let text = value(key, "a number of seconds") else { return nil }
        guard let duration = Duration(seconds: text) else {
            report(key, "expected a number of seconds, found \"\(text)\"")
            return nil
        }
        return duration
    }

    /// Where cgroups may be.
    mutating func groups(_ key: String) -> ControlGroupTree.Choice? {
        let expected = "auto, off, or the absolute path of a cgroup"
        guard let text = value(key, expected) else { return nil }
        switch text {
        case "auto": return .auto
        // What YAML itself takes for no.
        case "off", "false": return .off
        default:
            if text.hasPrefix("/") { return .at(text) }
            report(key, "expected \(expected), found \"\(text)\"")
            return nil
        }
    }

    /// Names of rules.
    mutating func rules(_ key: String) -> Set<String> {
        let names = list(key, separator: ",")
        for name in names where !AllRules.ids.contains(name) {
            let nearest = nearestName(to: name, among: AllRules.ids).map { "; did you mean \"\($0)\"?" }
            report(key, "no rule is called \"\(name)\"" + (nearest ?? ""))
        }
        return Set(names)
    }

    mutating func report(_ key: String, _ message: String) {
        if flags[key] != nil {
            let flag = ["log.level": "log-level", "lambda.epoch": "epoch"][key] ?? key
            problems.append(SettingsProblem(file: "--\(flag)", message: message))
        } else if variables.contains(variable(key)) {
            problems.append(SettingsProblem(file: variable(key), message: message))
        } else {
            problems.append(SettingsProblem(file: file ?? "", line: fromFile[key]?.line, key: key, message: message))
        }
    }

    private func variable(_ key: String) -> String {
        "LOOPWARDEN_" + key.uppercased().replacing(".", with: "_")
    }
}

extension Located where Value == String {
    /// The same as a list of one.
    var list: Located<[String]> { Located<[String]>(value: [value], line: line) }
}

extension Duration {
    /// Reads a number of seconds, as in `3`, `0.25`.
    init?(seconds text: String) {
        guard let number = Double(text), number.isFinite, number >= 0, number <= 1e9 else { return nil }
        self = .nanoseconds(Int64(number * 1e9))
    }
}

/// What an error of Foundation says, in a few words.
func reason(of error: any Error) -> String {
    if let cocoa = error as? CocoaError {
        switch cocoa.code {
        case .fileReadNoSuchFile, .fileNoSuchFile: return "there is no such file"
        case .fileReadNoPermission, .fileWriteNoPermission: return "permission denied"
        case .fileReadInapplicableStringEncoding, .fileReadCorruptFile: return "it is not UTF-8 text"
        default: break
        }
    }
    return "\(error)"
}
