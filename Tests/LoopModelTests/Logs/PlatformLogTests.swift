import LoopModel
import Testing

/// A record with what the lines tell of.
private func record(_ outcome: Outcome, _ change: (inout InvocationRecord) -> Void = { _ in }) -> InvocationRecord {
    var record = InvocationRecord(
        id: InvocationID(rawValue: "id"),
        function: FunctionName(sanitizing: "orders"),
        requestedAt: WallTime(nanoseconds: 1_763_750_000_000_000_000)
    )
    record.outcome = outcome
    record.duration = .microseconds(1234)
    change(&record)
    return record
}

private func environment(_ format: LogFormat = .text, _ level: LogLevel = .info) -> LoggedEnvironment {
    var environment = LoggedEnvironment(
        id: EnvironmentID(rawValue: "0f1e"),
        startedAt: WallTime(nanoseconds: 1_763_749_999_000_000_000)
    )
    environment.pythonVersion = "3.11.7"
    (environment.format, environment.systemLevel) = (format, level)
    return environment
}

private func texts(_ record: InvocationRecord, in environment: LoggedEnvironment = environment()) -> [String] {
    let part = LogPart(
        function: record.function,
        environment: environment,
        subject: .invocation(record),
        output: record.output,
        at: record.requestedAt
    )
    return part.lines.map(\.text)
}

@Suite("The platform's lines in text")
struct PlatformLogTests {
    @Test("stand around what was printed")
    func ordinary() {
        let cold = record(.ok) {
            ($0.logTail, $0.peakMemory, $0.initialization) = ("hello\nthere", 24 << 20, .milliseconds(100))
        }
        #expect(
            texts(cold) == [
                "START RequestId: id Version: $LATEST", "hello", "there", "END RequestId: id",
                "REPORT RequestId: id\tDuration: 1.23 ms\tBilled Duration: 102 ms\tMemory Size: 128 MB\t"
                    + "Max Memory Used: 24 MB\tInit Duration: 100.00 ms",
            ]
        )
    }

    @Test("name the runtime when an environment is started")
    func start() throws {
        let line = try #require(PlatformLog(environment()).initStart(of: FunctionName(sanitizing: "orders")))
        let arn = "arn:aws:lambda:us-east-1::runtime:[0-9a-f]{64}"
        let shape = try Regex("INIT_START Runtime Version: python:3\\.11\\.v7\tRuntime Version ARN: \(arn)")
        #expect(try shape.wholeMatch(in: line) != nil)
        let unknown = LoggedEnvironment(id: .random(), startedAt: WallTime(nanoseconds: 0))
        #expect(PlatformLog(unknown).initStart(of: FunctionName(sanitizing: "orders")) == nil)
        var ahead = environment(.json)
        ahead.cause = .provisioned
        let event = try #require(PlatformLog(ahead).initStart(of: FunctionName(sanitizing: "orders")))
        #expect(event.contains(#""initializationType":"provisioned-concurrency""#))
    }

    @Test("tell of a timeout, in whatever form its error is")
    func timeout() {
        for message in [
            "RequestId: id Error: Task timed out after 1.00 seconds",
            "2025-11-21T18:33:20.001Z id Task timed out after 1.00 seconds",
        ] {
            let late = record(.timeout) { ($0.errorMessage, $0.duration) = (message, .seconds(1)) }
            #expect(
                texts(late) == [
                    "START RequestId: id Version: $LATEST",
                    "2025-11-21T18:33:21.000Z id Task timed out after 1.00 seconds\n", "END RequestId: id",
                    "REPORT RequestId: id\tDuration: 1000.00 ms\tBilled Duration: 1000 ms\t"
                        + "Memory Size: 128 MB\tStatus: timeout",
                ]
            )
        }
    }

    @Test("tell of a process that ended")
    func crash() {
        let crashed = record(.crashed) {
            $0.errorType = "Runtime.ExitError"
            $0.errorMessage = "RequestId: id Error: Runtime exited with error: exit status 127"
        }
        let lines = texts(crashed)
        #expect(lines[1] == "RequestId: id Error: Runtime exited with error: exit status 127\nRuntime.ExitError")
        #expect(lines.last?.hasSuffix("\tStatus: error\tError Type: Runtime.ExitError") == true)
    }

    @Test("leave what the handler raised to the handler, and tell what the runtime says")
    func errors() {
        let raised = record(.error) { $0.errorType = "KeyError" }
        #expect(texts(raised).last?.hasSuffix("Memory Size: 128 MB") == true)
        let refused = record(.error) { $0.errorType = "Runtime.ImportModuleError" }
        #expect(texts(refused).last?.hasSuffix("\tStatus: error\tError Type: Runtime.ImportModuleError") == true)
    }

    @Test("tell of handlers that could not be loaded, whose output comes before it")
    func inits() {
        let failed = record(.error) {
            $0.inits = [
                InitReport(phase: .initialization, status: .timeout, duration: .microseconds(9_999_790)),
                InitReport(
                    phase: .invocation,
                    status: .error,
                    duration: .milliseconds(20),
                    errorType: "Runtime.UserCodeSyntaxError"
                ),
            ]
            ($0.logTail, $0.errorType) = ("[ERROR] …\n", "Runtime.UserCodeSyntaxError")
        }
        let lines = texts(failed)
        #expect(
            lines.prefix(4) == [
                "INIT_REPORT Init Duration: 9999.79 ms\tPhase: init\tStatus: timeout", "[ERROR] …",
                "INIT_REPORT Init Duration: 20.00 ms\tPhase: invoke\tStatus: error\t"
                    + "Error Type: Runtime.UserCodeSyntaxError",
                "START RequestId: id Version: $LATEST",
            ]
        )
        // What it took to load the handler is the invocation's own time then.
        #expect(lines.last?.hasPrefix("REPORT RequestId: id\tDuration: 21.23 ms\tBilled Duration: 22 ms\t") == true)
        #expect(lines.last?.contains("Init Duration") == false)
    }

    @Test("name a trace only where it is sampled, and the first try of an event")
    func trace() {
        let root = "1-5bef4de7-ad49b0e87f6ef6c87fc2e700"
        let traced = record(.ok) {
            $0.log.trace = "Root=\(root);Parent=9a9197af755a6419;Sampled=1"
            $0.requestID = InvocationID(rawValue: "first")
        }
        let suffix = "\nXRAY TraceId: \(root)\tSegmentId: 9a9197af755a6419\tSampled: true"
        #expect(texts(traced).last?.hasSuffix(suffix) == true)
        #expect(texts(traced).first == "START RequestId: first Version: $LATEST")
        let untraced = record(.ok) { $0.log.trace = "Root=\(root);Parent=9a9197af755a6419;Sampled=0" }
        #expect(texts(untraced).last?.contains("XRAY") == false)
    }
}

@Suite("The platform's lines in JSON")
struct PlatformLogJSONTests {
    @Test("are events with time, type and record")
    func events() {
        let cold = record(.ok) { ($0.peakMemory, $0.initialization) = (24 << 20, .microseconds(463_512)) }
        #expect(
            texts(cold, in: environment(.json)) == [
                """
                {"time":"2025-11-21T18:33:20.463Z","type":"platform.start","record":{"requestId":"id",\
                "functionArn":"arn:aws:lambda:us-east-1:012345678912:function:orders","version":"$LATEST"}}
                """,
                """
                {"time":"2025-11-21T18:33:20.464Z","type":"platform.report","record":{"requestId":"id",\
                "metrics":{"durationMs":1.234,"billedDurationMs":465,"memorySizeMB":128,"maxMemoryUsedMB":24,\
                "initDurationMs":463.512},"status":"success"}}
                """,
            ]
        )
    }

    @Test("are fewer or more by the level that was asked for", arguments: zip(LogLevel.ofSystem, [3, 2, 0]))
    func levels(_ level: LogLevel, _ count: Int) {
        #expect(texts(record(.ok), in: environment(.json, level)).count == count)
    }

    @Test("tell of failures even when little is asked for")
    func failures() {
        let crashed = record(.crashed) { $0.errorType = "Runtime.ExitError" }
        let lines = texts(crashed, in: environment(.json, .warn))
        #expect(lines.count == 2)
        #expect(lines.allSatisfy { $0.contains("\"status\":\"error\"") && $0.contains("Runtime.ExitError") })
    }
}

@Suite("Text with the times of its lines")
struct LoggedTextTests {
    @Test("gives each line the time at which it came")
    func lines() {
        let text = LoggedText(
            text: "a\nb\nc\n",
            times: [.init(line: 0, at: WallTime(nanoseconds: 1000)), .init(line: 2, at: WallTime(nanoseconds: 5000))]
        )
        #expect(text.lines(from: WallTime(nanoseconds: 0)).map(\.at.nanoseconds) == [1000, 1000, 5000])
        #expect(text.lines(from: WallTime(nanoseconds: 0)).map(\.text) == ["a", "b", "c"])
        #expect(LoggedText(text: text.text, encodedTimes: text.encodedTimes) == text)
    }

    @Test("takes the time it is given for lines of which none is known")
    func unknown() {
        #expect(LoggedText(text: "a").lines(from: WallTime(nanoseconds: 7)).map(\.at.nanoseconds) == [7])
        #expect(LoggedText().lines(from: WallTime(nanoseconds: 7)).isEmpty)
    }
}
