/// Which implementation makes the loops that the host makes.
package enum LoopImplementation: String, Sendable, Codable, CaseIterable {
    case asyncio
    case uvloop
}

/// How the process of an environment comes to be.
package enum StartMode: String, Sendable, Codable, CaseIterable {
    /// A fresh interpreter: the honest cold start.
    case spawn
    /// A copy of an interpreter that has the worker imported, and what the function asks for; never its own code.
    case fork
}

/// What a handler is, and so how it is loaded and called; the plug point is a file in the worker's `handlers` folder.
package enum HandlerKind: String, Sendable, Codable, CaseIterable {
    /// A function of an event and a context, as on AWS Lambda.
    case lambda
    /// A web app, called through ASGI or WSGI as the object itself says; its events are HTTP requests.
    case app
    case asgi
    case wsgi
    /// A Jupyter notebook, of which an invocation runs all cells.
    case notebook
    /// A suite of tests, of which an invocation is one; the handler's name is pytest's arguments, a list in JSON.
    case tests

    /// Those that a plugin can be of.
    package static let ofPlugins = allCases.filter { $0 != .tests }
}

/// How closely the probe looks.
package enum ProbeDepth: String, Sendable, Codable, CaseIterable {
    /// Not at all: what the handler does without it.
    case off
    /// What costs next to nothing.
    case normal
    /// Also what costs something for each task and each callback.
    case deep
}

/// Everything that a plugin's manifest says, with the defaults filled in.
package struct FunctionConfiguration: Hashable, Sendable {
    package var name: FunctionName
    /// What the handler is told that it is called; nil: ``name``.
    package var alias: FunctionName?
    /// The folder that becomes the handler's working directory and the first entry of `sys.path`; absolute.
    package var root: String
    /// The manifest, or the bare file, that this was read from; absolute.
    package var source: String
    /// How it is run: `python`, or `provided` for a program that speaks AWS Lambda's Runtime API.
    package var runtime = "python"
    /// The program of a `provided` function and its arguments; empty: the file `bootstrap` in ``root``.
    package var command: [String] = []
    /// `module.function`, as in AWS Lambda.
    package var handler: String
    package var kind = HandlerKind.lambda
    /// A version (`3.11`), a path to an interpreter, or a virtual environment's folder.
    package var python = "python3"
    /// The longest that one invocation may take; AWS Lambda's default.
    package var timeout: Duration = .seconds(3)
    /// The longest that loading the handler may take; AWS Lambda's limit on demand (facts: lambda §3).
    package var initTimeout: Duration = .seconds(10)
    /// In MB, told to the handler by its context.
    package var memory = 128
    package var environment: [String: String] = [:]
    /// Folders as AWS Lambda's layers have them, absolute; of equal files, that of the later counts.
    package var layers: [String] = []
    package var packages = FunctionPackages.own
    package var host = HostProfile.perInvocation
    package var loop = LoopImplementation.asyncio
    package var start = StartMode.spawn
    /// Modules that are imported before a fork, by their names.
    package var preload: [String] = []
    /// How many forks wait for their environments, at most, in all that agree in what they are forked from.
    package var forkAhead = 1
    package var probe = ProbeDepth.normal
    /// How long a loop may stand still before it is told of.
    package var blockingThreshold: Duration = .milliseconds(250)
    /// How long an idle environment is kept.
    package var keepAlive: Duration = .seconds(300)
    /// What decides how long that is; the policy may know better than ``keepAlive``.
    package var keepAlivePolicy = KeepAliveChoice.fixed
    /// The most environments at once.
    package var concurrency = 10
    /// As AWS Lambda's reserved concurrency: the most environments at once, for which nobody waits; nil: none is set.
    package var reservedConcurrency: Int?
    /// As AWS Lambda's provisioned concurrency: environments that have loaded the handler before anybody asks.
    package var provisionedConcurrency = 0
    /// How fast environments may be added.
    package var scaling = ScalingRate()
    /// What is done about events that nobody waits for.
    package var events = EventPolicy()
    /// The most invocations that wait for one; the next is rejected.
    package var queue = 1000
    /// Whether the handler's clocks can be put forward between two invocations, as ``InvocationRequest/idle`` asks for.
    package var simulatesIdle = false
    /// Whether the environment's processes are stopped between two invocations, as on AWS Lambda.
    package var freezes = false
    /// How long its processes have at their end; nil: as its host gives.
    package var shutdown: ShutdownBudget?
    /// Which answers of AWS Lambda's it gives; nil: as the daemon says.
    package var epoch: LambdaEpoch?
    package var logging = LoggingConfiguration()
    package var resources = ResourceLimits()
    /// Whether errors are printed as Python prints them, rather than as AWS Lambda's log has them.
    package var tellsPlainly = false
    /// What it is given where nobody says what; nil: `{}`.
    package var sampleEvent: CheckEvent?
    /// The file with ``sampleEvent``, where it is still to be read; absolute.
    package var sampleFile: String?
    package var description = ""
    /// Findings that are right here.
    package var allowed: [Allowance] = []

    /// Makes it one of this kind, with what is usual for that where it differs.
    package mutating func become(_ kind: HandlerKind) {
        self.kind = kind
        switch kind {
        case .lambda: break
        case .app, .asgi, .wsgi:
            // As uvicorn and gunicorn call apps.
            host = kind == .wsgi ? .thread : .server
            // Large ones take longer to import than AWS Lambda allows; nobody waits that long for a page.
            (timeout, initTimeout) = (.seconds(10), .seconds(30))
        case .notebook:
            host = HostProfile(rawValue: "jupyter")
            // A person waits for cells as long as they take, and nobody else needs the loop meanwhile.
            (timeout, blockingThreshold) = (.seconds(900), .seconds(900))
        case .tests:
            host = .pytest
            // Nobody else needs a test's loop; and what asks a process where it stands interrupts its system calls.
            (timeout, initTimeout, blockingThreshold) = (.seconds(300), .seconds(300), .seconds(86_400))
        }
    }

    package init(name: FunctionName, root: String, source: String, handler: String) {
        self.name = name
        self.root = root
        self.source = source
        self.handler = handler
    }
}

extension FunctionConfiguration {
    /// Gives it one environment at a time, which nobody ends before its time and which takes what it is given: for
    /// lives that are led step by step.
    package mutating func haveToItself() {
        (concurrency, reservedConcurrency, provisionedConcurrency) = (1, nil, 0)
        (keepAlive, keepAlivePolicy) = (.seconds(86_400), .fixed)
        // Cold starts one after the other are what a check is made of.
        scaling = ScalingRate(environments: 1_000_000)
    }
}
