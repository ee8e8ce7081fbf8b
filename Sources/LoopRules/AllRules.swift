/// Every rule, in the order in which findings are told.
package enum AllRules {
    package static let list: [any DetectionRule] = [
        NestedRun(),
        Deadlock(),
        ClosedLoopReuse(),
        LeakedLoop(),
        PoisonedSlot(),
        ModuleScopeLoop(),
        WrongLoopObject(),
        BlockingCall(),
    ]

    /// The names of all rules.
    package static var ids: [String] { list.map(\.id) }
}
