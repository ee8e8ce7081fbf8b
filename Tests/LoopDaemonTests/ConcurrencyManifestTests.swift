import LoopDaemon
import LoopModel
import Testing

@Suite("A manifest's environments")
struct ConcurrencyManifestTests {
    private func load(_ lines: String) async throws -> FunctionConfiguration {
        try await withTemporaryFolder { folder in
            try write(["p/plugin.yaml": "handler: handler.handler\n\(lines)\n"], below: folder)
            return try PluginLoader.load("\(folder)/p")
        }
    }

    @Test("are none ahead, as many as AWS Lambda adds, and kept for five minutes, unless it says otherwise")
    func defaults() async throws {
        let function = try await load("")
        #expect(function.provisionedConcurrency == 0)
        #expect(function.scaling == ScalingRate(environments: 1000, period: .seconds(10)))
        #expect((function.keepAlive, function.keepAlivePolicy) == (.seconds(300), .fixed))
    }

    @Test("are what it says")
    func given() async throws {
        let function = try await load(
            """
            concurrency: 7
            provisionedConcurrency: 7
            scaling: {environments: 5, per: 0.5}
            keepAlive: {policy: histogram, time: 30, bin: 10, range: 600, head: 10}
            """
        )
        #expect(function.provisionedConcurrency == 7)
        #expect(function.scaling == ScalingRate(environments: 5, period: .milliseconds(500)))
        #expect(function.keepAlive == .seconds(30))
        let options = ["bin": 10.0, "range": 600, "head": 10]
        #expect(function.keepAlivePolicy == KeepAliveChoice(policy: "histogram", options: options))
    }

    @Test(
        "are a number of seconds with the fixed policy, in short or in full",
        arguments: ["30", "{time: 30}", "{policy: fixed, time: 30}"]
    )
    func fixed(value: String) async throws {
        let function = try await load("keepAlive: \(value)")
        #expect((function.keepAlive, function.keepAlivePolicy) == (.seconds(30), .fixed))
    }

    @Test(
        "are told of where they cannot be",
        arguments: [
            (
                "provisionedConcurrency: 11",
                "provisionedConcurrency: expected a whole number from 0 to 10, its concurrency"
            ),
            ("reservedConcurrency: 2\nprovisionedConcurrency: 3", "from 0 to 2, its reservedConcurrency; found \"3\""),
            ("scaling: {environments: 0}", "scaling.environments: expected a whole number from 1 to 1000000"),
            ("scaling: {per: 0}", "scaling.per: expected seconds from 0.001"),
            (
                "keepAlive: {policy: histogramm}",
                "keepAlive.policy: expected one of fixed, histogram, found \"histogramm\"; did you"
            ),
            (
                "keepAlive: {policy: histogram, head: 51}",
                "keepAlive.head: expected percent from 0.0 to 50.0, found \"51\""
            ),
            ("keepAlive: {policy: histogram, tails: 99}", "keepAlive.tails: unknown key; did you mean \"tail\"?"),
            ("keepAlive: {head: 5}", "keepAlive.head: unknown key"),
            (
                "keepAlive: {policy: histogram, range: 60}",
                "keepAlive.policy: range must be at least twice as long as bin"
            ),
            ("keepAlive: [1]", "keepAlive: expected one value"),
        ]
    )
    func mistakes(lines: String, message: String) async throws {
        let failure = await #expect(throws: SettingsFailure.self) { try await load(lines) }
        #expect(failure?.description.contains(message) == true, "\(failure?.description ?? "")")
    }

    @Test("do not matter where a life is led step by step")
    func alone() async throws {
        var function = try await load(
            "reservedConcurrency: 0\nscaling: {environments: 1, per: 60}\nkeepAlive: {policy: histogram, time: 0}"
        )
        function.haveToItself()
        #expect((function.concurrency, function.reservedConcurrency, function.provisionedConcurrency) == (1, nil, 0))
        #expect((function.keepAlive, function.keepAlivePolicy) == (.seconds(86_400), .fixed))
        #expect(function.scaling.environments > 1000)
    }
}
