package import LoopModel

/// The rules that are switched on, applied as one.
package struct RuleBook: Sendable {
    /// Those that judge.
    package let rules: [any DetectionRule]
    /// What wakes each of them.
    private let wakingKinds: [EventKinds]
    /// Those that can be explained, switched off or not.
    private let known: [any DetectionRule]

    /// Makes a book of rules.
    ///
    /// - Parameters:
    ///   - known: what there is.
    ///   - off: names or codes of rules that shall not judge; unknown ones have no effect.
    ///   - on: the same of rules that judge only when they are asked for.
    package init(_ known: [any DetectionRule] = AllRules.list, off: Set<String> = [], on: Set<String> = []) {
        self.known = known
        let rules = known.filter { rule in
            let names = [rule.id, rule.code]
            return off.isDisjoint(with: names) && (rule.isOnByDefault || !on.isDisjoint(with: names))
        }
        self.rules = rules
        wakingKinds = rules.map(\.wakingKinds)
    }

    /// What all rules find, in the order of the rules; of findings with one fingerprint only the first.
    package func findings(in timeline: Timeline) -> [Finding] {
        let kinds = EventKinds(of: timeline.events)
        var found: [Finding] = []
        for (index, waking) in wakingKinds.enumerated() where !waking.isDisjoint(with: kinds) {
            found += rules[index].findings(in: timeline)
        }
        var told: Set<String> = []
        return found.filter { told.insert($0.fingerprint).inserted }
    }

    /// The rule of a name or code, whatever the case of its letters.
    ///
    /// - Throws: ``RuleFailure`` when there is none, with the name that was probably meant.
    package func rule(named name: String) throws(RuleFailure) -> any DetectionRule {
        let wanted = name.lowercased()
        if let rule = known.first(where: { $0.id == wanted || $0.code.lowercased() == wanted }) { return rule }
        throw .unknownRule(name, nearest: nearestName(to: wanted, among: known.map(\.id)), known: known.map(\.id))
    }
}

/// What can go wrong when rules are asked for.
package enum RuleFailure: Error, Hashable, Sendable, CustomStringConvertible {
    case unknownRule(String, nearest: String?, known: [String])

    package var description: String {
        switch self {
        case .unknownRule(let name, _, _): "no rule is called \"\(name)\""
        }
    }

    /// What to do about it.
    package var hint: String {
        switch self {
        case .unknownRule(_, let nearest?, _): "did you mean \"\(nearest)\"?"
        case .unknownRule(_, nil, let known): "the rules are \(known.joined(separator: ", "))"
        }
    }
}
