import ArgumentParser
import LoopModel
import LoopRules
import LoopWire

struct ExplainCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Explains a rule: what goes wrong, a broken example, a fixed one. Needs no daemon."
    )

    @Argument(
        help: "The rule's name or code, as findings show them; without it, the rules are listed.",
        completion: .rules
    )
    var rule: String?

    @OptionGroup var output: OutputOptions

    func perform(on console: Console) throws -> CommandStatus {
        guard let rule else {
            try list(on: console)
            return .ok
        }
        let found = try find(rule)
        let text = output.json ? found.json.text + "\n" : found.explanationText
        try console.writeOutput(Array(text.utf8))
        return .ok
    }

    private func find(_ name: String) throws(CommandFailure) -> any DetectionRule {
        do {
            return try RuleBook().rule(named: name)
        } catch {
            throw .unknownRule(error)
        }
    }

    private func list(on console: Console) throws(CommandFailure) {
        let rules = AllRules.list
        if output.json {
            let list: JSON = ["schema": "loopwarden.rules/1", "rules": .array(rules.map(\.json))]
            return try console.print(list.text)
        }
        let width = rules.map(\.id.count).max() ?? 0
        for rule in rules {
            let name = rule.id + String(repeating: " ", count: width - rule.id.count)
            try console.print("\(rule.code)  \(name)  \(rule.title)")
        }
    }
}
