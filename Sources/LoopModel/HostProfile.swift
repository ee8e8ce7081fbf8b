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

    /// Those with code of their own.
    package static let engines: [Self] = [.perInvocation, .bare, .kept, .running, .server, .thread]

    /// Hosts that people know, and what they are to a handler: nothing else sets them apart (facts: lambda, "Which loop
    /// the host gives a handler").
    package static let named: [(host: Self, engine: Self)] = [
        (Self(rawValue: "aws-lambda"), .bare),
        (Self(rawValue: "openwhisk"), .bare),
        (Self(rawValue: "mangum-0.19"), .kept),
        (Self(rawValue: "mangum-0.20"), .perInvocation),
        (Self(rawValue: "vercel"), .kept),
        (Self(rawValue: "nuclio"), .running),
        (Self(rawValue: "azure-async"), .running),
        (Self(rawValue: "jupyter"), .running),
        (Self(rawValue: "fastapi"), .server),
        (Self(rawValue: "functions-framework"), .server),
        (Self(rawValue: "azure-sync"), .thread),
        (Self(rawValue: "django"), .thread),
        (Self(rawValue: "flask"), .thread),
    ]

    /// Those a plugin may name.
    package static var known: [Self] { engines + named.map(\.host) }

    /// What runs the handler.
    package var engine: Self { Self.named.first { $0.host == self }?.engine ?? self }

    package var description: String { rawValue }
}
