import LoopRules

extension Settings {
    /// The rules that judge.
    var rules: RuleBook { RuleBook(off: rulesOff, on: rulesOn) }

    /// Whether a rule judges that wants the handlers' sources read.
    var readsSources: Bool { rules.rules.contains { $0.id == SequentialAwaits().id } }
}
