package import LoopModel

/// Every keep-alive policy there is; a new one is a line here.
package enum AllKeepAlivePolicies {
    package static let list: [any KeepAlivePolicy.Type] = [
        FixedKeepAlive.self,
        HistogramKeepAlive.self,
    ]

    package static func policy(named name: String) -> (any KeepAlivePolicy.Type)? { list.first { $0.name == name } }

    /// The policy of one function, which has learnt nothing yet; the fixed one where the name is not known.
    package static func make(_ choice: KeepAliveChoice, time: Duration) -> any KeepAlivePolicy {
        let type = policy(named: choice.policy) ?? FixedKeepAlive.self
        return type.init(KeepAliveOptions(choice.options, of: type.options), time: time)
    }
}
