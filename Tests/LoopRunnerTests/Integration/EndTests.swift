import LoopModel
import LoopOS
import LoopRunner
import Testing

/// One way in which a handler can end, and what must come of it.
struct Way: CustomTestStringConvertible, Sendable {
    var name: String
    var code: String
    var outcome: Outcome
    var errorType: String?
    /// A part of the answer's payload.
    var says: String
    /// What the environment's end says; nil: it lives on.
    var end: String?
    /// Of the next invocation, when the environment is gone.
    var cause: ColdStartCause?
    var timeout = Duration.seconds(20)

    var testDescription: String { name }

    static let all: [Self] = [
        Way(name: "returns", code: "return event", outcome: .ok, says: #"{"a": 1}"#),
        Way(name: "returns nothing", code: "pass", outcome: .ok, says: "null"),
        Way(
            name: "raises",
            code: "raise ValueError('boom')",
            outcome: .error,
            errorType: "ValueError",
            says: #""errorMessage": "boom""#
        ),
        Way(
            name: "returns what is no JSON",
            code: "return {1, 2}",
            outcome: .error,
            errorType: "Runtime.MarshalError",
            says: "Unable to marshal response"
        ),
        Way(
            name: "returns too much",
            code: "return 'x' * (7 << 20)",
            outcome: .error,
            errorType: "Function.ResponseSizeTooLarge",
            says: "exceeded maximum allowed payload size (6291556 bytes)"
        ),
        Way(
            name: "returns more than a frame",
            code: "return 'x' * (17 << 20)",
            outcome: .error,
            errorType: "Function.ResponseSizeTooLarge",
            says: "exceeded maximum allowed payload size (6291556 bytes)",
            end: "reply too long",
            cause: .exit
        ),
        Way(
            name: "takes too long",
            code: "time.sleep(60)",
            outcome: .timeout,
            errorType: "Sandbox.Timedout",
            says: "Error: Task timed out after 2.00 seconds",
            end: "timeout",
            cause: .timeout,
            timeout: .seconds(2)
        ),
        Way(
            name: "spins and ignores SIGTERM",
            code: "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n    while True: pass",
            outcome: .timeout,
            errorType: "Sandbox.Timedout",
            says: "timed out",
            end: "timeout",
            cause: .timeout,
            timeout: .seconds(2)
        ),
        Way(
            name: "stops itself",
            code: "os.kill(os.getpid(), signal.SIGSTOP)",
            outcome: .timeout,
            errorType: "Sandbox.Timedout",
            says: "timed out",
            end: "timeout",
            cause: .timeout,
            timeout: .seconds(2)
        ),
        Way(
            name: "exits with 3",
            code: "sys.exit(3)",
            outcome: .crashed,
            errorType: "Runtime.ExitError",
            says: "Error: Runtime exited with error: exit status 3",
            end: "exit status 3",
            cause: .exit
        ),
        Way(
            name: "exits with 0",
            code: "sys.exit(0)",
            outcome: .crashed,
            errorType: "Runtime.ExitError",
            says: "Error: Runtime exited without providing a reason",
            end: "exit status 0",
            cause: .exit
        ),
        Way(
            name: "exits without Python noticing",
            code: "os._exit(7)",
            outcome: .crashed,
            errorType: "Runtime.ExitError",
            says: "exit status 7",
            end: "exit status 7",
            cause: .exit
        ),
        Way(
            name: "crashes",
            code: "ctypes.string_at(0)",
            outcome: .crashed,
            errorType: "Runtime.ExitError",
            says: "signal: segmentation fault",
            end: "signal 11",
            cause: .exit
        ),
        Way(
            name: "aborts",
            code: "os.abort()",
            outcome: .crashed,
            errorType: "Runtime.ExitError",
            says: "signal: aborted",
            end: "signal 6",
            cause: .exit
        ),
        Way(
            name: "kills itself",
            code: "os.kill(os.getpid(), signal.SIGKILL)",
            outcome: .crashed,
            errorType: "Runtime.ExitError",
            says: "signal: killed",
            end: "signal 9",
            cause: .exit
        ),
        Way(
            name: "closes every descriptor and goes on",
            code: "os.closerange(0, 1024)\n    time.sleep(60)",
            outcome: .crashed,
            errorType: "Runtime.ExitError",
            says: "closed its channel",
            end: "channel lost",
            cause: .exit
        ),
        Way(
            name: "writes garbage into its channel",
            code: """
                for d in range(3, 1024):
                        try: os.write(d, b'\\xff' * 64)
                        except OSError: pass
                    time.sleep(60)
                """,
            outcome: .crashed,
            errorType: "Runtime.ExitError",
            says: "broke the worker protocol",
            end: "protocol broken: a frame of type 255 claims 4294967295 bytes",
            cause: .exit
        ),
        Way(
            name: "leaves children that left its session",
            code: """
                for detach in (False, True):
                        subprocess.Popen(['sleep', '600'], start_new_session=detach, env={})
                    if os.fork() == 0:
                        os.setsid()
                        if os.fork() == 0: time.sleep(600)
                        os._exit(0)
                    return 'left'
                """,
            outcome: .ok,
            says: "left"
        ),
        Way(
            name: "leaves children and crashes",
            code: """
                subprocess.Popen(['setsid', '-f', 'sleep', '600'], env={'PATH': os.environ['PATH']}).wait()
                    os.kill(os.getpid(), signal.SIGKILL)
                """,
            outcome: .crashed,
            errorType: "Runtime.ExitError",
            says: "signal: killed",
            end: "signal 9",
            cause: .exit
        ),
        Way(
            name: "forks and returns in both processes",
            code: "return os.fork() and 'parent'",
            outcome: .ok,
            says: "parent"
        ),
        Way(
            name: "floods its output",
            code: "sys.stdout.write('x' * 3000000 + '\\nEND\\n')",
            outcome: .ok,
            says: "null"
        ),
        Way(
            name: "removes its own folder",
            code: "import shutil; shutil.rmtree(os.getcwd()); return 1",
            outcome: .ok,
            says: "1"
        ),
    ]
}

@Suite("A handler that", .timeLimit(.minutes(3))) struct EndTests {
    private static let imports = "import asyncio, ctypes, os, signal, subprocess, sys, time\n"

    @Test("ends one invocation once, and nothing of it outlives its environment", arguments: Way.all)
    func way(_ way: Way) async throws {
        try await RunnerHarness.run { harness in
            let code =
                Self.imports
                + "def handler(event, context):\n    if event.get('fine'): return 'fine'\n    \(way.code)\n"
            try await harness.plugin("test", code) { $0.timeout = way.timeout }
            _ = try await harness.invoke("test", #"{"fine": true}"#)
            let answer = try await harness.invoke("test", #"{"a": 1}"#)
            #expect(answer.record.outcome == way.outcome, "\(answer.text.prefix(300)) \(answer.record.logTail)")
            #expect(answer.record.errorType == way.errorType)
            #expect(answer.text.contains(way.says), "\(answer.text.prefix(300))")
            #expect(answer.record.isCold == false && answer.record.ordinal == 1)
            if way.name == "removes its own folder" { return }
            let next = try await harness.invoke("test", #"{"fine": true}"#)
            #expect(next.record.outcome == .ok)
            #expect(next.record.cause == way.cause)
            if let end = way.end {
                #expect(harness.log.ended.map(\.end) == [end])
            } else {
                #expect(next.record.environment == answer.record.environment)
            }
            // A handler that ran tells its phases even when its process died; unless it wrote over its journal, whose
            // descriptor Python keeps open beside the map.
            if way.name == "writes garbage into its channel" { return }
            let events = answer.record.environment.flatMap { harness.log.events[$0] } ?? []
            #expect(events.contains { $0.kind == .phaseBegun && $0.phase == .invocation && $0.ordinal == 1 })
        }
    }

    @Test("floods its output has the end of it kept")
    func flood() async throws {
        try await RunnerHarness.run { harness in
            try await harness.plugin(
                "test",
                "import sys\ndef handler(e, c):\n    sys.stdout.write('x' * 3000000 + '\\nEND\\n')\n"
            )
            let tail = try await harness.invoke().record.logTail
            #expect(tail.hasSuffix("x\nEND\n"), "\(tail.suffix(20))")
            #expect(tail.contains("bytes left out"))
            #expect(tail.utf8.count < 20_000)
        }
    }

    @Test("cannot be loaded gives its own error to each invocation that found no environment")
    func initErrors() async throws {
        try await RunnerHarness.run { harness in
            try await harness.plugin("raises", "raise RuntimeError('at import')")
            try await harness.plugin("syntax", "def handler(:")
            try await harness.plugin("missing", "import no_such_module")
            try await harness.plugin("absent", "x = 1")
            try await harness.plugin("exits", "import sys; sys.exit(0)")
            try await harness.plugin("slow", "import time; time.sleep(60)") { $0.initTimeout = .milliseconds(300) }
            let raised = try await harness.invoke("raises")
            #expect(raised.record.outcome == .error && raised.record.errorType == "RuntimeError")
            #expect(raised.text.contains(#""requestId": """#))
            #expect(raised.record.stackTrace?.contains("handler.py") == true)
            #expect(raised.record.isCold && raised.record.initialization != nil && raised.record.duration == .zero)
            #expect(try await harness.invoke("syntax").record.errorType == "Runtime.UserCodeSyntaxError")
            #expect(try await harness.invoke("missing").record.errorType == "Runtime.ImportModuleError")
            #expect(try await harness.invoke("absent").record.errorType == "Runtime.HandlerNotFound")
            let exited = try await harness.invoke("exits")
            #expect(exited.record.outcome == .crashed)
            #expect(exited.text.hasSuffix("Error: Runtime exited without providing a reason\"}"))
            let slow = try await harness.invoke("slow")
            #expect(slow.record.outcome == .timeout && slow.text.contains("Task timed out after 0.30 seconds"))
            #expect(try await harness.invoke("raises").record.cause == .initFailure)
        }
    }

    @Test("cannot be loaded is not tried again and again under load, and still everybody gets its error")
    func poison() async throws {
        try await RunnerHarness.run { harness in
            try await harness.plugin("test", "raise RuntimeError('at import')") { $0.concurrency = 1 }
            let answers = try await withThrowingTaskGroup(of: InvocationAnswer.self) { group in
                for _ in 0..<50 { group.addTask { try await harness.invoke() } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.allSatisfy { $0.record.outcome == .error && $0.record.errorType == "RuntimeError" })
            #expect(harness.log.environments.count < 10)
        }
    }

    @Test("has no interpreter says what was looked for")
    func interpreter() async throws {
        try await RunnerHarness.run { harness in
            try await harness.plugin("test", "def handler(e, c): pass") { $0.python = "3.99" }
            let answer = try await harness.invoke()
            #expect(answer.record.outcome == .error && answer.record.errorType == "Runtime.InvalidEntrypoint")
            #expect(answer.text.contains("no Python “3.99” was found"))
            #expect(answer.record.environment != nil && harness.log.ended.first?.end?.hasPrefix("not started") == true)
        }
    }
}
