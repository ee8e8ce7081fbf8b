/// Every rule, in the order in which findings are told.
package enum AllRules {
    package static let list: [any DetectionRule] = [
        ClosedLoopReuse(),
        LeakedLoop(),
        PoisonedSlot(),
        ModuleScopeLoop(),
    ]

    /// The names of all rules.
    package static var ids: [String] { list.map(\.id) }
}
