internal import LoopModel

/// Says how long the idle environments of one function are kept, and whether one is started ahead of an invocation.
///
/// A plug point: a policy is a file in this folder and a line in ``AllKeepAlivePolicies``. It is a value without a clock
/// that learns from the function's idle times, each from the end of the last invocation to the next.
package protocol KeepAlivePolicy: Sendable {
    /// What the manifest calls it.
    static var name: String { get }
    /// What the manifest may say to it.
    static var options: [KeepAliveOption] { get }

    /// What is wrong with options that are good each for itself; nil: nothing.
    static func objection(to options: KeepAliveOptions) -> String?

    /// - Parameters:
    ///   - options: what the manifest says, with the defaults filled in.
    ///   - time: the function's keep-alive time.
    init(_ options: KeepAliveOptions, time: Duration)

    /// What holds for the idle time that begins next or is under way.
    var windows: KeepAliveWindows { get }

    /// The function was idle for so long, and then an invocation came.
    mutating func observe(idle: Duration)
}

extension KeepAlivePolicy {
    package static func objection(to options: KeepAliveOptions) -> String? { nil }
}

/// When environments are unloaded and loaded, as in “Serverless in the Wild” (Shahrad et al., ATC 2020, §4.1).
package struct KeepAliveWindows: Hashable, Sendable {
    /// From the end of the last invocation until an environment is started ahead of the next; zero: idle environments
    /// stay, else they end with the last invocation.
    package var preWarming: Duration
    /// How long an environment is kept: since it became idle, or since it was started ahead.
    package var keepAlive: Duration

    package init(preWarming: Duration = .zero, keepAlive: Duration) {
        self.preWarming = preWarming
        self.keepAlive = keepAlive
    }
}

/// One thing that a manifest may say to a policy.
package struct KeepAliveOption: Hashable, Sendable {
    package var name: String
    /// For messages, such as `seconds`.
    package var unit: String
    package var range: ClosedRange<Double>
    package var standard: Double

    package init(_ name: String, _ unit: String, in range: ClosedRange<Double>, standard: Double) {
        self.name = name
        self.unit = unit
        self.range = range
        self.standard = standard
    }
}

/// What a manifest says to a policy, with the defaults filled in.
package struct KeepAliveOptions: Sendable {
    private let values: [String: Double]

    package init(_ given: [String: Double], of options: [KeepAliveOption]) {
        values = Dictionary(options.map { ($0.name, given[$0.name] ?? $0.standard) }) { first, _ in first }
    }

    /// The value of an option that the policy has declared.
    package subscript(_ name: String) -> Double {
        guard let value = values[name] else { preconditionFailure("no option is called \(name)") }
        return value
    }

    /// As a time, of one that is in seconds.
    package func seconds(_ name: String) -> Duration { .nanoseconds(Int64(self[name] * 1e9)) }
}
