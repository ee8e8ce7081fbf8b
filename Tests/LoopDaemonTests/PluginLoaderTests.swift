import LoopDaemon
import LoopModel
import Testing

@Suite("Loading plugins")
struct PluginLoaderTests {
    @Test("A manifest with a handler alone gets the defaults, and its name from the folder")
    func minimal() async throws {
        try await withTemporaryFolder { folder in
            try write(["my.orders/plugin.yaml": "handler: handler.handle\n"], below: folder)
            let function = try PluginLoader.load("\(folder)/my.orders")
            #expect(function.name.rawValue == "my-orders")
            #expect(function.handler == "handler.handle")
            #expect(function.root == "\(folder)/my.orders")
            #expect(function.host == .perInvocation)
            #expect(function.timeout == .seconds(3))
        }
    }

    @Test("Every key of a manifest is read")
    func everyKey() async throws {
        try await withTemporaryFolder { folder in
            let manifest = """
                name: orders
                handler: pkg/app.main
                runtime: python
                python: "3.11"
                timeout: 0.5
                initTimeout: 5
                cpu: lambda
                memory: 1769
                memoryLimit: enforce
                environment: {STAGE: test, RETRIES: 3}
                host: bare
                loop: uvloop
                start: spawn
                keepAlive: 1.5
                blockingThreshold: 0.5
                concurrency: 2
                reservedConcurrency: 0
                freeze: true
                shutdown: 2s
                epoch: old
                events:
                  retries: 0
                  maximumAge: 60
                  onSuccess: {function: audit}
                  onFailure: {file: failed.jsonl}
                queue: 0
                description: Takes orders.
                """
            try write(["p/plugin.yaml": manifest], below: folder)
            let function = try PluginLoader.load("\(folder)/p/plugin.yaml")
            #expect(function.name.rawValue == "orders")
            #expect(function.python == "3.11")
            #expect(function.timeout == .milliseconds(500))
            #expect(function.initTimeout == .seconds(5))
            #expect(function.memory == 1769)
            #expect(function.resources.isMemoryGiven && function.resources.memoryLimit == .enforce)
            #expect(function.resources.processors == 1)
            #expect(function.environment == ["STAGE": "test", "RETRIES": "3"])
            #expect(function.host == .bare)
            #expect(function.loop == .uvloop)
            #expect(function.keepAlive == .milliseconds(1500))
            #expect(function.blockingThreshold == .milliseconds(500))
            #expect(function.concurrency == 2)
            #expect(function.reservedConcurrency == 0)
            #expect(function.freezes)
            #expect(function.shutdown == .beside && function.epoch == .old)
            #expect((function.events.retries, function.events.maximumAge) == (0, .seconds(60)))
            #expect(function.events.onSuccess == .function(try #require(FunctionName(rawValue: "audit"))))
            #expect(function.events.onFailure == .file("\(folder)/p/failed.jsonl"))
            #expect(function.queue == 0)
            #expect(function.description == "Takes orders.")
        }
    }

    @Test(
        "A bare file is a function of its own",
        arguments: [
            ("def handler(event, context): pass", "job.handler"),
            ("def lambda_handler(event, context): pass", "job.lambda_handler"),
            ("async def lambda_handler(event, context): pass", "job.lambda_handler"),
            ("def lambda_handler(e, c): pass\nasync def handler(e, c): pass", "job.handler"),
            ("x = 1", "job.handler"),
        ]
    )
    func bareFile(text: String, handler: String) async throws {
        try await withTemporaryFolder { folder in
            try write(["job.py": text], below: folder)
            let function = try PluginLoader.load("\(folder)/job.py")
            #expect(function.name.rawValue == "job")
            #expect(function.handler == handler)
            #expect(function.root == folder)
        }
    }

    @Test(
        "A mistake is told with line, key and what was expected",
        arguments: [
            ("name: p\n", "p/plugin.yaml:1: handler: is missing; expected module.function, such as handler.handler"),
            ("handler: main\n", "p/plugin.yaml:1: handler: expected module.function, found \"main\""),
            (
                "handler: a.b\nname: no spaces\n",
                "p/plugin.yaml:2: name: expected 1 to 64 letters, digits, - or _, found \"no spaces\""
            ),
            (
                "handler: a.b\nhost: bear\n",
                "p/plugin.yaml:2: host: expected one of \(HostProfile.known.map(\.rawValue).joined(separator: ", ")), "
                    + "found \"bear\"; did you mean \"bare\"?"
            ),
            (
                "handler: a.b\n\ntimeout: -1\n",
                "p/plugin.yaml:3: timeout: expected seconds from 0.001 to 900.0, found \"-1\""
            ),
            (
                "handler: a.b\nconcurrency: many\n",
                "p/plugin.yaml:2: concurrency: expected a whole number from 1 to 1000, found \"many\""
            ),
            ("handler: a.b\ntimout: 3\n", "p/plugin.yaml:2: timout: unknown key; did you mean \"timeout\"?"),
            (
                "handler: a.b\nevents: {retries: -1}\n",
                "p/plugin.yaml:2: events.retries: expected a whole number from 0 to 100, found \"-1\""
            ),
            (
                "handler: a.b\nevents:\n  onFailure: {file: x, command: [y]}\n",
                "p/plugin.yaml:3: events.onFailure.function: expected one of function, command and file"
            ),
            (
                "handler: a.b\nshutdown: slowly\n",
                "p/plugin.yaml:2: shutdown: expected one of 0ms, 500ms, 2s, found \"slowly\""
            ),
            (
                "handler: a.b\nfreeze: maybe\n",
                "p/plugin.yaml:2: freeze: expected one of true, false, found \"maybe\""
            ),
            (
                "handler: a.b\ncpu: 0\n",
                "p/plugin.yaml:2: cpu: expected processors, a number from 0.01 to 256, or lambda; found \"0\""
            ),
            (
                "handler: a.b\nengine: rick\n", "p/plugin.yaml:2: engine: expected ric, found \"rick\""
            ),
            (
                "handler: a.b\nhost: kept\nengine: ric\n",
                "p/plugin.yaml:3: engine: ric runs handlers as on the host aws-lambda; host says kept"
            ),
            (
                "handler: a.b\ncommand: x\n",
                "p/plugin.yaml:2: command: is for runtime: provided only; this is python"
            ),
            (
                "runtime: provided\ncommand: []\n",
                "p/plugin.yaml:2: command: expected a program and its arguments"
            ),
            (
                "runtime: provided\nloop: uvloop\n",
                "p/plugin.yaml:2: loop: says nothing of a program with a runtime of its own; take it out"
            ),
            (
                "runtime: provide\nhandler: a.b\n",
                "p/plugin.yaml:1: runtime: expected one of python, provided, found \"provide\"; did you mean "
                    + "\"provided\"?"
            ),
            ("handler: a.b\nenvironment: [a]\n", "p/plugin.yaml:2: environment: expected a mapping of names to values"),
        ]
    )
    func mistakes(manifest: String, message: String) async throws {
        try await withTemporaryFolder { folder in
            try write(["p/plugin.yaml": manifest], below: folder)
            let failure = try #require(throws: SettingsFailure.self) { try PluginLoader.load("\(folder)/p") }
            #expect(failure.description == "\(folder)/\(message)")
        }
    }

    @Test("A runtime of its own needs no handler; the client of AWS Lambda's is a host")
    func runtimes() async throws {
        try await withTemporaryFolder { folder in
            try write(
                [
                    "own/plugin.yaml": "runtime: provided\n",
                    "told/plugin.yaml": "runtime: provided\ncommand: [python3, -u, main.py]\nhandler: x\n",
                    "ric/plugin.yaml": "handler: a.b\nengine: ric\n",
                    "both/plugin.yaml": "handler: a.b\nhost: aws-lambda\nengine: ric\n",
                ],
                below: folder
            )
            let own = try PluginLoader.load("\(folder)/own")
            #expect((own.runtime, own.handler, own.command, own.host) == ("provided", "bootstrap", [], .provided))
            let told = try PluginLoader.load("\(folder)/told")
            #expect((told.handler, told.command) == ("x", ["python3", "-u", "main.py"]))
            for name in ["ric", "both"] {
                let function = try PluginLoader.load("\(folder)/\(name)")
                #expect((function.runtime, function.host) == ("python", .awsLambdaRic))
            }
        }
    }

    @Test("An app is imported from where its package lies, and runs as servers run it; a Lambda handler is not")
    func apps() async throws {
        try await withTemporaryFolder { folder in
            let files = [
                "src/api/__init__.py": "", "src/api/v1/__init__.py": "", "src/api/v1/main.py": "app = FastAPI()\n",
                "src/api/v1/site.py": "app = Flask(__name__)\n", "src/api/v1/hook.py": "def handler(a, b): pass\n",
                "p/plugin.yaml": "handler: a.b\nhost: kept\ntimeout: 1\nkind: asgi\n",
            ]
            try write(files, below: folder)
            let main = try PluginLoader.load("\(folder)/src/api/v1/main.py")
            #expect((main.root, main.handler, main.name.rawValue) == ("\(folder)/src", "api.v1.main.app", "main"))
            #expect((main.kind, main.host, main.timeout) == (.asgi, .server, .seconds(10)))
            let site = try PluginLoader.load("\(folder)/src/api/v1/site.py")
            #expect((site.kind, site.host) == (.wsgi, .thread))
            let hook = try PluginLoader.load("\(folder)/src/api/v1/hook.py")
            #expect((hook.root, hook.handler, hook.kind) == ("\(folder)/src/api/v1", "hook.handler", .lambda))
            // What a manifest says counts.
            let plugin = try PluginLoader.load("\(folder)/p")
            #expect((plugin.kind, plugin.host, plugin.timeout) == (.asgi, .kept, .seconds(1)))
        }
    }

    @Test("A path that is no plugin is told apart")
    func noPlugin() async throws {
        try await withTemporaryFolder { folder in
            try write(["notes.txt": "", "empty/x.txt": ""], below: folder)
            for (path, word) in [
                ("notes.txt", "expected a folder"), ("empty", "has no plugin.yaml"), ("no", "no such"),
            ] {
                let failure = try #require(throws: SettingsFailure.self) { try PluginLoader.load("\(folder)/\(path)") }
                #expect(failure.description.contains(word))
            }
        }
    }

    @Test("A bad plugin does not stop the others")
    func others() async throws {
        try await withTemporaryFolder { folder in
            try write(
                [
                    "a/plugin.yaml": "handler: a.b", "b/plugin.yaml": "oops: 1", "c/readme": "",
                    "d/plugin.yaml": "handler: d.e",
                ],
                below: folder
            )
            let (functions, problems) = PluginLoader.loadAll(in: folder)
            #expect(functions.map(\.name.rawValue) == ["a", "d"])
            #expect(problems.count == 2)
        }
    }
}
