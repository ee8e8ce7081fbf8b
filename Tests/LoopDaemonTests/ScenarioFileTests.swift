import LoopDaemon
import LoopModel
import Testing

@Suite("Scenarios") struct ScenarioFileTests {
    private static let handler = "def handler(event, context):\n    return event\n"

    private func scenario(_ yaml: String, _ files: [String: String] = [:]) async throws -> Scenario {
        try await withTemporaryFolder { folder in
            let usual = ["s.yaml": yaml, "plain.py": Self.handler]
            try write(usual.merging(files) { _, given in given }, below: folder)
            var file = ScenarioFile("\(folder)/s.yaml")
            return try file.scenario()
        }
    }

    @Test("Streams, payloads and cold starts are read") func everything() async throws {
        let scenario = try await scenario(
            """
            seed: 4
            duration: 90m
            functions: [plain.py]
            streams:
              - from: 1m
                until: 1h
                count: 9
                seed: 5
                cold: every 3rd
                arrivals: {burst: {size: 2, every: 30s}}
                payloads:
                  - e.json
                  - {json: {b: [1, 2.5, "3", true, null]}, weight: 0.5}
                  - {json: '{"c": 1}'}
                  - {eventSource: sqs}
            """,
            ["e.json": "[1]"]
        )
        #expect((scenario.seed, scenario.duration) == (4, .seconds(5400)))
        let stream = try #require(scenario.streams.first)
        #expect(stream.function == FunctionName(sanitizing: "plain"))
        #expect((stream.from, stream.until) == (.seconds(60), .seconds(3600)))
        #expect((stream.count, stream.seed, stream.cold) == (9, 5, .every(3)))
        #expect(stream.pattern == .burst(size: 2, every: .seconds(30)))
        let texts = stream.payloads.map { String(decoding: $0.bytes, as: UTF8.self) }
        #expect(texts[0] == "[1]")
        #expect(texts[1] == #"{"b":[1,2.5,"3",true,null]}"#)
        #expect(texts[2] == #"{"c": 1}"#)
        #expect(texts[3].contains("aws:sqs"))
        #expect(stream.payloads.map(\.weight) == [1, 0.5, 1, 1])
    }

    @Test("A function takes the keys of a manifest; without any it is as that says")
    func functions()
        async throws
    {
        let manifest = """
            handler: handler.handler
            keepAlive: 7
            event: e.json
            events: {retries: 1}
            host: aws-lambda
            """
        let files = ["p/plugin.yaml": manifest, "p/handler.py": Self.handler, "p/e.json": "{}"]
        let streams = "streams: [{function: p, count: 1, arrivals: {constant: {rate: 1}}}]"
        try await withTemporaryFolder { folder in
            try write(files, below: folder)
            try write(["a.yaml": "functions: [p]\n\(streams)"], below: folder)
            try write(["b.yaml": "functions: [{path: p, keepAlive: 60, concurrency: 3}]\n\(streams)"], below: folder)
            var usual = try PluginLoader.load("\(folder)/p")
            // Read, for the streams that do not say what their invocations are given.
            usual.sampleEvent = CheckEvent(name: nil, bytes: Array("{}".utf8))
            var plain = ScenarioFile("\(folder)/a.yaml")
            #expect(try plain.scenario().functions == [usual])
            var changed = ScenarioFile("\(folder)/b.yaml")
            let function = try #require(try changed.scenario().functions.first)
            #expect((function.keepAlive, function.concurrency) == (.seconds(60), 3))
            #expect((function.host, function.sampleFile, function.events.retries) == (usual.host, usual.sampleFile, 1))
        }
    }

    @Test(
        "Without a duration it ends with its streams, if they end",
        arguments: [
            ("{count: 10, arrivals: {constant: {rate: 2/s}}}", 5), ("{until: 3m, arrivals: {poisson: {rate: 1}}}", 180),
            ("{count: 5, from: 1m, arrivals: {burst: {size: 2, every: 1m}}}", 240),
            ("{arrivals: {trace: {file: t.csv, skip: 1m}}}", 120),
        ]
    )
    func lengths(stream: String, seconds: Int) async throws {
        let trace = "HashOwner,HashApp,HashFunction,Trigger,1,2,3\no,a,f,http,1,2,3\n"
        let scenario = try await scenario("functions: [plain.py]\nstreams: [\(stream)]", ["t.csv": trace])
        #expect(scenario.duration == .seconds(seconds))
    }

    @Test("All mistakes are told at once, each with line and key, in the order of lines") func mistakes() async throws {
        let failure = await #expect(throws: SettingsFailure.self) {
            try await scenario(
                """
                functions: [plain.py]
                streams:
                  - arrivals: {poisson: {rate: never}}
                  - arrivals: {poison: {rate: 1}}
                    cold: seldom
                seed: -1
                """
            )
        }
        let problems = try #require(failure).problems.map { "\($0.line ?? 0) \($0.key ?? "")" }
        #expect(
            problems == [
                "3 streams[0].arrivals.poisson.rate", "4 streams[1].arrivals.poison", "5 streams[1].cold", "6 seed",
            ]
        )
    }
}
