/// Every rule, in the order in which findings are told.
package enum AllRules {
    package static let list: [any DetectionRule] = [
        NestedRun(),
        NoCurrentLoop(),
        NoRunningLoop(),
        Deadlock(),
        ClosedLoopReuse(),
        LeakedLoop(),
        PoisonedSlot(),
        ModuleScopeLoop(),
        CloseRunningLoop(),
        ForeignClose(),
        ClosedExecutorReuse(),
        UnclosedAsyncgen(),
        WrongLoopObject(),
        PendingTask(),
        FireAndForget(),
        NeverAwaited(),
        UnretrievedException(),
        SwallowedCancel(),
        EscapedExit(),
        MissingTimeout(),
        CancelScopeMisuse(),
        ReusedCoroutine(),
        StalledTask(),
        BlockingCall(),
        SequentialAwaits(),
        CrossThreadCall(),
        LeakedThread(),
        LeakedSubprocess(),
        UnclosedResource(),
        DescriptorGrowth(),
        DeprecatedAPI(),
        NestAsyncio(),
        WindowsUnsafe(),
        SignalOffMain(),
        AsyncCMMisuse(),
    ]

    /// The names of all rules.
    package static var ids: [String] { list.map(\.id) }
}
