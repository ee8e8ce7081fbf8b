import LoopModel

extension Timeline {
    /// Makes a finding about this environment; `ordinal` is the invocation that it belongs to, nil: to none.
    func finding(
        of rule: some DetectionRule,
        severity: Severity,
        ordinal: Int?,
        site: CodeLine,
        related: [RelatedSite?],
        message: [String?],
        advice: [String?]
    ) -> Finding {
        var told: Set<RelatedSite> = []
        return Finding(
            rule: rule.id,
            code: rule.code,
            severity: severity,
            function: environment.function,
            environment: environment.id,
            invocation: invocationID(of: ordinal),
            ordinal: ordinal,
            site: site,
            related: related.compactMap(\.self).filter { told.insert($0).inserted },
            message: message.compactMap(\.self).joined(separator: " "),
            advice: advice.compactMap(\.self).joined(separator: " ")
        )
    }

    /// Calls `body` for each event of some kinds, with the ledger as it stood just before it.
    func visit(_ kinds: LoopEvent.Kind..., body: (_ event: LoopEvent, _ ledger: Ledger) -> Void) {
        visit(kinds: kinds, body: body)
    }

    /// As ``visit(_:body:)``, for kinds that are put together.
    func visit(kinds: [LoopEvent.Kind], body: (_ event: LoopEvent, _ ledger: Ledger) -> Void) {
        guard let last = events.lastIndex(where: { kinds.contains($0.kind) }) else { return }
        var ledger = before
        for event in events[...last] {
            if kinds.contains(event.kind) { body(event, ledger) }
            ledger.apply(event)
        }
    }

    /// The invocation that a moment is told with: what happens while the handler is loaded is part of the cold start.
    func ordinal(of moment: Moment) -> Int? { moment.invocation ?? invocation?.ordinal }

    /// What is said of a fault that did not show in the outcome; nil where it may have.
    func unharmed(_ ordinal: Int?) -> String? {
        guard let invocation, invocation.ordinal == ordinal, invocation.outcome == .ok else { return nil }
        return "The invocation succeeded anyway."
    }
}
