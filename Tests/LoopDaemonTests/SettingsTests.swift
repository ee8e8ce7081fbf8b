import Logging
import LoopDaemon
import LoopModel
import LoopOS
import Testing

@Suite("Settings")
struct SettingsTests {
    private func load(
        _ yaml: String? = nil,
        options: DaemonOptions = DaemonOptions(),
        environment: [String: String] = [:]
    ) async throws -> Settings {
        try await withTemporaryFolder { folder in
            var options = options
            if let yaml {
                try write(["loopwarden.yaml": yaml], below: folder)
                options.config = "\(folder)/loopwarden.yaml"
            } else {
                options.config = "\(folder)/empty.yaml"
                try write(["empty.yaml": ""], below: folder)
            }
            return try SettingsLoader(options: options, environment: environment, folder: folder).load()
        }
    }

    private func problems(_ yaml: String, environment: [String: String] = [:]) async throws -> [String] {
        do {
            _ = try await load(yaml, environment: environment)
            return []
        } catch let failure as SettingsFailure {
            return failure.problems.map { problem in
                let file = problem.file.split(separator: "/").last.map(String.init) ?? ""
                return "\(file)\(problem.line.map { ":\($0)" } ?? ""): \(problem.key ?? ""): \(problem.message)"
            }
        }
    }

    @Test("Without a file the defaults hold, and systemd's folders are used where it names them")
    func defaults() async throws {
        let settings = try await load(
            environment: ["STATE_DIRECTORY": "/var/lib/lw:/other", "RUNTIME_DIRECTORY": "/run/lw"]
        )
        #expect(settings.state == "/var/lib/lw")
        #expect(settings.socket == "/run/lw/api.sock")
        #expect(settings.durability == .process)
        #expect(settings.retentionAge == nil)
        #expect(settings.plugins == [])
    }

    @Test("Every key of a file is read")
    func everyKey() async throws {
        let settings = try await load(
            """
            state: /s
            socket: /s/a.sock
            plugins: [/p, /q]
            durability: power
            drain: 2.5
            cgroups: /sys/fs/cgroup/mine
            log: {level: debug, format: json}
            alerts:
              command: [/bin/notify, "--urgent"]
              retries: 3
              webhook: {url: "https://example.org/hook", timeout: 2, headers: {Authorization: Bearer x}}
            lambda: {port: 9001, retryPace: 0.5, epoch: old}
            retention: {days: 30, megabytes: 512, logKilobytes: 64}
            rules: {off: [module-scope-loop], on: [sequential-awaits]}
            """
        )
        #expect(settings.plugins == ["/p", "/q"])
        #expect(settings.durability == .power)
        #expect(settings.drain == .milliseconds(2500))
        #expect(settings.cgroups == .at("/sys/fs/cgroup/mine"))
        #expect(settings.logLevel == .debug)
        #expect(settings.logFormat == .json)
        #expect(settings.alertCommand == ["/bin/notify", "--urgent"])
        #expect(settings.alertRetries == 3)
        #expect(settings.webhook?.headers == ["Authorization": "Bearer x"])
        #expect(settings.webhook?.timeout == .seconds(2))
        #expect((settings.lambdaPort, settings.retryPace) == (9001, 0.5))
        #expect(settings.epoch == .old)
        #expect(settings.retentionAge == .seconds(30 * 86_400))
        #expect(settings.retentionSize == 512 << 20)
        #expect(settings.outputLimit == 64 << 10)
        #expect(settings.rulesOff == ["module-scope-loop"])
        #expect(settings.rulesOn == ["sequential-awaits"])
    }

    @Test("A flag beats an environment variable, which beats the file")
    func layers() async throws {
        var options = DaemonOptions()
        let yaml = "state: /file\nsocket: /file.sock\ndrain: 1\n"
        let environment = ["LOOPWARDEN_STATE": "/variable", "LOOPWARDEN_SOCKET": "/variable.sock"]
        options.state = "/flag"
        let settings = try await load(yaml, options: options, environment: environment)
        #expect(settings.state == "/flag")
        #expect(settings.socket == "/variable.sock")
        #expect(settings.drain == .seconds(1))
    }

    @Test("Several plugin folders in a variable are separated by colons")
    func pluginsVariable() async throws {
        let settings = try await load(environment: ["LOOPWARDEN_PLUGINS": "/a:/b"])
        #expect(settings.plugins == ["/a", "/b"])
    }

    @Test("A mistake is told with file, line, key and what was expected")
    func mistakes() async throws {
        #expect(
            try await problems("state: /s\ndurabilty: power\n") == [
                "loopwarden.yaml:2: durabilty: unknown key; did you mean \"durability\"?"
            ]
        )
        #expect(
            try await problems("log:\n  level: loud\n") == [
                "loopwarden.yaml:2: log.level: expected one of trace, debug, info, notice, warning, error, critical, "
                    + "found \"loud\""
            ]
        )
        #expect(
            try await problems("state: /s\nretention:\n  days: soon\n") == [
                "loopwarden.yaml:3: retention.days: expected a whole number from 1 to 36500, found \"soon\""
            ]
        )
        #expect(
            try await problems("lambda: {port: 0, retryPace: fast}\n") == [
                "loopwarden.yaml:1: lambda.retryPace: expected a number from 0.0 to 1000.0, found \"fast\"",
                "loopwarden.yaml:1: lambda.port: expected a whole number from 1 to 65535, found \"0\"",
            ]
        )
        #expect(
            try await problems("rules: {on: [sequential-await]}") == [
                "loopwarden.yaml:1: rules.on: no rule is called \"sequential-await\"; did you mean \"sequential-awaits\"?"
            ]
        )
        #expect(
            try await problems("rules: {off: [leaked-lop]}") == [
                "loopwarden.yaml:1: rules.off: no rule is called \"leaked-lop\"; did you mean \"leaked-loop\"?"
            ]
        )
        #expect(
            try await problems("", environment: ["LOOPWARDEN_DRAIN": "soon"]) == [
                "LOOPWARDEN_DRAIN: : expected a number of seconds, found \"soon\""
            ]
        )
        #expect(try await problems("- a\n- b\n") == ["loopwarden.yaml:1: : expected a mapping of keys to values"])
        #expect(try await problems("a: [1\n").first?.hasPrefix("loopwarden.yaml:") == true)
        #expect(try await problems("log: loud\n") == ["loopwarden.yaml:1: log: expected a mapping"])
    }

    @Test("All mistakes are told at once")
    func allAtOnce() async throws {
        #expect(try await problems("durability: maybe\ndrain: soon\n").count == 2)
    }
}
