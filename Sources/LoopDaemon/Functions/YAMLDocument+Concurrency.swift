import LoopModel
import LoopRunner

extension YAMLDocument {
    /// Reads what a manifest says of how many environments there are, how fast they come, and how long they stay.
    mutating func readConcurrency(into function: inout FunctionConfiguration) {
        if let concurrency = whole("concurrency", in: 1...1000) { function.concurrency = concurrency }
        if let reserved = whole("reservedConcurrency", in: 0...1000) { function.reservedConcurrency = reserved }
        let most = function.reservedConcurrency ?? function.concurrency
        if let provisioned = text("provisionedConcurrency") {
            if let count = Int(provisioned.value), (0...most).contains(count) {
                function.provisionedConcurrency = count
            } else {
                let what = function.reservedConcurrency == nil ? "concurrency" : "reservedConcurrency"
                report(
                    "expected a whole number from 0 to \(most), its \(what); found \"\(provisioned.value)\"",
                    key: "provisionedConcurrency",
                    line: provisioned.line
                )
            }
        }
        var scaling = function.scaling
        section("scaling") { section in
            if let environments = section.whole("environments", in: 1...1_000_000) {
                scaling.environments = environments
            }
            if let period = section.seconds("per", in: 0.001...86_400) { scaling.period = period }
        }
        function.scaling = scaling
        readKeepAlive(into: &function)
    }

    /// A number of seconds, or a policy with what it is to be told.
    private mutating func readKeepAlive(into function: inout FunctionConfiguration) {
        let range = 0.0...86_400
        guard isMapping("keepAlive") else {
            if let time = seconds("keepAlive", in: range) { function.keepAlive = time }
            return
        }
        var (time, choice) = (function.keepAlive, function.keepAlivePolicy)
        section("keepAlive") { section in
            let line = section.line
            if let named = section.choice("policy", among: AllKeepAlivePolicies.list.map { $0.name }) {
                choice.policy = named
            }
            if let given = section.seconds("time", in: range) { time = given }
            guard let policy = AllKeepAlivePolicies.policy(named: choice.policy) else { return }
            for option in policy.options {
                guard let given = section.text(option.name) else { continue }
                if let number = Double(given.value), option.range.contains(number) {
                    choice.options[option.name] = number
                } else {
                    let bounds = "\(option.range.lowerBound) to \(option.range.upperBound)"
                    let message = "expected \(option.unit) from \(bounds), found \"\(given.value)\""
                    section.report(message, key: option.name, line: given.line)
                }
            }
            if let objection = policy.objection(to: KeepAliveOptions(choice.options, of: policy.options)) {
                section.report(objection, key: "policy", line: line)
            }
        }
        (function.keepAlive, function.keepAlivePolicy) = (time, choice)
    }
}
