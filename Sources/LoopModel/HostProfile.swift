/// Which loop a handler meets; the plug point is a file in the worker's `hosts` folder, or a line of ``named``.
package struct HostProfile: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    /// A fresh loop for each invocation, made and closed by the host.
    package static let perInvocation = Self(rawValue: "per-invocation")
    /// No loop at all.
    package static let bare = Self(rawValue: "bare")
    /// One loop for the environment's life, never closed.
    package static let kept = Self(rawValue: "kept")
    /// As ``kept``, and running when the handler is called.
    package static let running = Self(rawValue: "running")
    /// As ``running`` for an `async def`, as ``thread`` for a `def`.
    package static let server = Self(rawValue: "server")
    /// A thread without a loop.
    package static let thread = Self(rawValue: "thread")
    /// As ``kept``, but for the loop being that of the current-loop slot, which a handler can change.
    package static let mangum = Self(rawValue: "mangum")

    /// As ``bare``, and its environments live as AWS Lambda's do.
    package static let awsLambda = Self(rawValue: "aws-lambda")
    /// AWS Lambda's own runtime client, `awslambdaric`, as it is installed; not our worker.
    package static let ric = Self(rawValue: "ric")
    /// ``awsLambda``, run by that client.
    package static let awsLambdaRic = Self(rawValue: "aws-lambda-ric")

    /// A runtime that the function brings along: whatever loops it has are its own.
    package static let provided = Self(rawValue: "provided")

    /// pytest, which gives a test no loop; that is its plugins' business, and what they make is theirs.
    package static let pytest = Self(rawValue: "pytest")

    /// Those with code of their own.
    package static let engines: [Self] = [.perInvocation, .bare, .kept, .mangum, .running, .server, .thread]

    /// Hosts that people know, and what they are to a handler: nothing else sets them apart.
    ///
    /// `Tests/ServiceTests/test_real_hosts.py` holds them against the real packages, except `openwhisk` and `nuclio`, for
    /// which there are none to install. Of `mangum-0.20`, `vercel` and `azure-async` it is the `async def` that is held:
    /// those call no other handler. A `def` is beside them what the engine makes of it.
    package static let named: [(host: Self, engine: Self, traits: HostTraits)] = [
        (awsLambda.rawValue, .bare, HostTraits(runsCoroutines: false, hearsSignals: false)),
        (awsLambdaRic.rawValue, .ric, HostTraits(runsCoroutines: false)),
        ("openwhisk", .bare, HostTraits(runsCoroutines: false)),
        ("mangum-0.19", .mangum, HostTraits(makesLoop: false)),
        ("mangum-0.20", .perInvocation, HostTraits()),
        ("mangum-0.22", .mangum, HostTraits()),
        ("vercel", .kept, HostTraits()),
        ("uvicorn", .running, HostTraits()),
        ("jupyter", .running, HostTraits()),
        ("azure-async", .running, HostTraits()),
        ("nuclio", .running, HostTraits(importsFirst: true)),
        ("hypercorn", .running, HostTraits(importsFirst: true)),
        ("daphne", .running, HostTraits(importsFirst: true)),
        ("tornado", .running, HostTraits(importsFirst: true)),
        ("fastapi", .server, HostTraits(thread: "AnyIO worker thread")),
        ("azure-sync", .server, HostTraits(thread: "ThreadPoolExecutor-0_0")),
        ("starlette", .server, HostTraits(thread: "AnyIO worker thread")),
        ("functions-framework", .server, HostTraits(importsFirst: true)),
        ("django-asgi", .server, HostTraits(thread: "ThreadPoolExecutor-{}_0", hasNewThread: true, importsFirst: true)),
        ("functions-framework-wsgi", .thread, HostTraits(thread: "ThreadPoolExecutor-0_0")),
        ("django", .thread, HostTraits(thread: requestThread, hasNewThread: true)),
        ("flask", .thread, HostTraits(thread: requestThread, hasNewThread: true)),
    ].map { (Self(rawValue: $0), $1, $2) }

    /// Of the standard library's threading servers.
    private static let requestThread = "Thread-{} (process_request_thread)"

    /// Those a plugin may name.
    package static var known: [Self] { engines + named.map(\.host) }

    /// What runs the handler.
    package var engine: Self {
        self == .pytest ? .bare : Self.named.first { $0.host == self }?.engine ?? self
    }

    /// What that engine does in its own way here.
    package var traits: HostTraits { Self.named.first { $0.host == self }?.traits ?? HostTraits() }

    /// Whether an ASGI app is started and stopped with each invocation, rather than with the environment.
    package var restartsApps: Bool { rawValue.hasPrefix(Self.mangum.rawValue) }

    package var description: String { rawValue }
}
